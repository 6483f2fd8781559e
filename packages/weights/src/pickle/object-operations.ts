import { unsupportedFile } from '../file-error.ts';
import { COST, MAX_LINE_BYTES } from './limits.ts';
import type { PickleMachine } from './machine.ts';
import type { PickleOperation } from './scalar-operations.ts';
import {
  decodeLatin1,
  describePickleValue,
  PickleDict,
  PickleGlobal,
  PickleInstance,
  PickleTuple,
  textOf,
} from './values.ts';

const MAX_PROTOCOL = 5;
/** Most arguments of a call; those of the list take up to seven. */
const MAX_ARGUMENTS = 8;

/** Operations that name, call and fill objects, by opcode. */
export const OBJECT_OPERATIONS: ReadonlyMap<string, PickleOperation> = new Map<
  string,
  PickleOperation
>([
  ['\x80', checkProtocol],
  ['\x95', checkFrame],
  ['c', (machine) => machine.push(readGlobal(machine), COST.view)],
  ['\x93', pushStackGlobal],
  ['R', callFunction],
  ['b', setState],
  ['P', (machine) => loadPersistent(machine, true)],
  ['Q', (machine) => loadPersistent(machine, false)],
  ['i', (machine) => refuse(machine, `an instance of ${readGlobal(machine).name} (INST)`)],
  ['o', (machine) => refuse(machine, 'an instance of a class (OBJ)')],
  ['\x81', (machine) => refuse(machine, 'an object without its constructor (NEWOBJ)')],
  ['\x92', (machine) => refuse(machine, 'an object without its constructor (NEWOBJ_EX)')],
  ['\x82', (machine) => refuse(machine, 'a registered extension (EXT1)')],
  ['\x83', (machine) => refuse(machine, 'a registered extension (EXT2)')],
  ['\x84', (machine) => refuse(machine, 'a registered extension (EXT4)')],
  ['\x97', (machine) => refuse(machine, 'a buffer outside of the file (NEXT_BUFFER)')],
  ['\x98', (machine) => refuse(machine, 'a buffer outside of the file (READONLY_BUFFER)')],
]);

function checkProtocol(machine: PickleMachine): void {
  const protocol = machine.reader.uint8('protocol');
  if (protocol <= MAX_PROTOCOL) return;
  throw unsupportedFile(
    machine.options.place,
    `it is pickled by protocol ${protocol}; 0 to ${MAX_PROTOCOL} are read`,
    `Save it again in Python with protocol=${MAX_PROTOCOL} or less.`,
  );
}

/** A frame only says how far to read ahead. */
function checkFrame(machine: PickleMachine): void {
  const length = machine.reader.uint64('length of a frame');
  if (length > machine.reader.remaining) {
    throw machine.fail(`a frame of ${length} bytes, but ${machine.reader.remaining} are left`);
  }
}

function readGlobal(machine: PickleMachine): PickleGlobal {
  const module = decodeLatin1(machine.reader.line('a module', MAX_LINE_BYTES));
  const name = decodeLatin1(machine.reader.line('a name', MAX_LINE_BYTES));
  return machine.findGlobal(module, name);
}

function pushStackGlobal(machine: PickleMachine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== 'string' || typeof module !== 'string') {
    throw machine.fail('it names a function by what is no text');
  }
  machine.push(machine.findGlobal(module, name), COST.view);
}

function callFunction(machine: PickleMachine): void {
  const args = machine.pop();
  const callee = machine.pop();
  const isCall = callee instanceof PickleGlobal && args instanceof PickleTuple;
  if (!isCall || args.items.length > MAX_ARGUMENTS) {
    throw machine.fail(`it calls ${describePickleValue(callee)} with ${describePickleValue(args)}`);
  }
  machine.push(machine.call(callee, args.items), COST.instance);
}

/** BUILD. Attributes of a dict (PyTorch's `_metadata`) are no weights and are passed over. */
function setState(machine: PickleMachine): void {
  const state = machine.pop();
  const target = machine.top();
  if (target instanceof PickleInstance) target.setState(state, machine.options.place);
  else if (!(target instanceof PickleDict && state instanceof PickleDict)) {
    throw machine.fail(
      `it fills ${describePickleValue(target)} with ${describePickleValue(state)}`,
    );
  }
}

function loadPersistent(machine: PickleMachine, isLine: boolean): void {
  const id = isLine
    ? decodeLatin1(machine.reader.line('a persistent id', MAX_LINE_BYTES))
    : machine.pop();
  const { loadPersistent: load } = machine.options;
  if (load === undefined) {
    throw machine.fail(
      `it refers to what lies outside of it: ${textOf(id) ?? describePickleValue(id)}`,
    );
  }
  machine.push(load(id), COST.instance);
}

function refuse(machine: PickleMachine, what: string): never {
  throw machine.fail(
    `it makes ${what}, which no weights need`,
    'A pickle is a program, and this one does more than hold weights. Do not load it in Python either.',
  );
}
