import { COST } from './limits.ts';
import type { PickleMachine } from './machine.ts';
import type { PickleOperation } from './scalar-operations.ts';
import {
  describePickleValue,
  PickleDict,
  PickleList,
  PickleSet,
  PickleTuple,
  type PickleValue,
} from './values.ts';

/** Operations on the stack, the memo and containers, by opcode. */
export const CONTAINER_OPERATIONS: ReadonlyMap<string, PickleOperation> = new Map<
  string,
  PickleOperation
>([
  ['(', (machine) => machine.mark()],
  ['0', (machine) => machine.drop()],
  ['1', (machine) => void machine.popToMark()],
  ['2', (machine) => machine.push(machine.top())],
  ['p', (machine) => machine.remember(readIndexLine(machine))],
  ['q', (machine) => machine.remember(machine.reader.uint8('a memo place'))],
  ['r', (machine) => machine.remember(machine.reader.uint32('a memo place'))],
  ['\x94', (machine) => machine.rememberNext()],
  ['g', (machine) => machine.recall(readIndexLine(machine))],
  ['h', (machine) => machine.recall(machine.reader.uint8('a memo place'))],
  ['j', (machine) => machine.recall(machine.reader.uint32('a memo place'))],
  [']', (machine) => machine.push(new PickleList(), COST.list)],
  ['l', (machine) => pushList(machine, machine.popToMark())],
  ['a', (machine) => appendTo(machine, [machine.pop()])],
  ['e', (machine) => appendTo(machine, machine.popToMark())],
  [')', (machine) => pushTuple(machine, [])],
  ['t', (machine) => pushTuple(machine, machine.popToMark())],
  ['\x85', (machine) => pushTuple(machine, popLast(machine, 1))],
  ['\x86', (machine) => pushTuple(machine, popLast(machine, 2))],
  ['\x87', (machine) => pushTuple(machine, popLast(machine, 3))],
  ['}', (machine) => machine.push(new PickleDict(), COST.dict)],
  ['d', (machine) => pushDict(machine, machine.popToMark())],
  ['s', (machine) => setItems(machine, popLast(machine, 2))],
  ['u', (machine) => setItems(machine, machine.popToMark())],
  ['\x8f', (machine) => machine.push(new PickleSet(), COST.list)],
  ['\x90', (machine) => addItems(machine, machine.popToMark())],
  ['\x91', (machine) => pushSet(machine, machine.popToMark())],
]);

function readIndexLine(machine: PickleMachine): number {
  const line = String.fromCharCode(...machine.reader.line('a memo place', 20));
  if (!/^\d{1,15}$/.test(line)) throw machine.fail('a memo place is no number');
  return Number(line);
}

function popLast(machine: PickleMachine, count: number): readonly PickleValue[] {
  return Array.from({ length: count }, () => machine.pop()).reverse();
}

function pushTuple(machine: PickleMachine, items: readonly PickleValue[]): void {
  machine.push(new PickleTuple(items), COST.list + COST.place * items.length);
}

function pushList(machine: PickleMachine, items: readonly PickleValue[]): void {
  machine.push(new PickleList(), COST.list);
  appendTo(machine, items);
}

function pushDict(machine: PickleMachine, items: readonly PickleValue[]): void {
  machine.push(new PickleDict(), COST.dict);
  setItems(machine, items);
}

function pushSet(machine: PickleMachine, items: readonly PickleValue[]): void {
  machine.push(new PickleSet(), COST.list);
  addItems(machine, items);
}

function appendTo(machine: PickleMachine, items: readonly PickleValue[]): void {
  const list = machine.top();
  if (!(list instanceof PickleList)) {
    throw machine.fail(`it appends to ${describePickleValue(list)}`);
  }
  machine.charge(COST.place * items.length);
  for (const item of items) list.items.push(item);
}

function addItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const set = machine.top();
  if (!(set instanceof PickleSet)) throw machine.fail(`it adds to ${describePickleValue(set)}`);
  machine.charge(COST.place * items.length);
  for (const item of items) set.items.push(item);
}

/** @param items - key, value, key, value … */
function setItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const dict = machine.top();
  if (!(dict instanceof PickleDict)) {
    throw machine.fail(`it sets items of ${describePickleValue(dict)}`);
  }
  if (items.length % 2 !== 0) throw machine.fail('a key has no value');
  machine.charge(2 * COST.memo * (items.length / 2));
  for (let index = 0; index < items.length; index += 2) {
    const [key = null, value = null] = items.slice(index, index + 2);
    dict.set(key, value);
  }
}
