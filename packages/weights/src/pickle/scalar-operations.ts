import { COST, MAX_LINE_BYTES, MAX_LONG_BYTES, MAX_TEXT_BYTES } from './limits.ts';
import type { PickleMachine } from './machine.ts';
import { decodeRawUnicode, decodeStringLiteral } from './text-literals.ts';
import { decodeLatin1, PickleLongText } from './values.ts';

export type PickleOperation = (machine: PickleMachine) => void;

/** Operations that push a number or a text, by opcode. @see Python, Lib/pickletools.py */
export const SCALAR_OPERATIONS: ReadonlyMap<string, PickleOperation> = new Map<
  string,
  PickleOperation
>([
  ['N', (machine) => machine.push(null)],
  ['\x88', (machine) => machine.push(true)],
  ['\x89', (machine) => machine.push(false)],
  ['I', pushIntegerLine],
  ['L', pushIntegerLine],
  ['F', pushFloatLine],
  ['K', (machine) => machine.push(machine.reader.uint8('a number'))],
  ['M', (machine) => machine.push(machine.reader.uint16('a number'))],
  ['J', (machine) => machine.push(machine.reader.int32('a number'))],
  ['G', (machine) => machine.push(machine.reader.float64BigEndian('a number'))],
  ['\x8a', (machine) => pushLong(machine, machine.reader.uint8('length of a number'))],
  ['\x8b', (machine) => pushLong(machine, machine.reader.int32('length of a number'))],
  ['S', pushStringLine],
  ['V', pushUnicodeLine],
  ['U', (machine) => pushBytes(machine, machine.reader.uint8('length of a text'))],
  ['T', (machine) => pushBytes(machine, machine.reader.int32('length of a text'))],
  ['C', (machine) => pushBytes(machine, machine.reader.uint8('length of bytes'))],
  ['B', (machine) => pushBytes(machine, machine.reader.uint32('length of bytes'))],
  ['\x8e', (machine) => pushBytes(machine, machine.reader.uint64('length of bytes'))],
  ['\x96', (machine) => pushBytes(machine, machine.reader.uint64('length of bytes'))],
  ['\x8c', (machine) => pushText(machine, machine.reader.uint8('length of a text'))],
  ['X', (machine) => pushText(machine, machine.reader.uint32('length of a text'))],
  ['\x8d', (machine) => pushText(machine, machine.reader.uint64('length of a text'))],
]);

function pushIntegerLine(machine: PickleMachine): void {
  const line = decodeLatin1(machine.reader.line('a number', MAX_LINE_BYTES));
  // Protocol 0 and 1 write True and False as numbers that no other number is written as.
  if (line === '00' || line === '01') {
    machine.push(line === '01');
    return;
  }
  const digits = /^([+-]?\d{1,100})L?$/.exec(line)?.[1];
  if (digits === undefined) throw machine.fail('a line is no whole number');
  machine.push(toNumber(BigInt(digits.replace('+', ''))));
}

function pushFloatLine(machine: PickleMachine): void {
  const line = decodeLatin1(machine.reader.line('a number', MAX_LINE_BYTES));
  const isPlain = /^[+-]?[\d.]+(?:e[+-]?\d+)?$/i.test(line);
  const value = isPlain ? Number(line) : parseSpecial(line);
  if (Number.isNaN(value) && line !== 'nan') throw machine.fail('a line is no number');
  machine.push(value);
}

function parseSpecial(line: string): number {
  if (line === 'inf') return Number.POSITIVE_INFINITY;
  return line === '-inf' ? Number.NEGATIVE_INFINITY : Number.NaN;
}

function pushLong(machine: PickleMachine, length: number): void {
  if (length > MAX_LONG_BYTES) {
    throw machine.fail(`a number of ${length} bytes is longer than the limit of ${MAX_LONG_BYTES}`);
  }
  const bytes = machine.reader.take(length, 'a number');
  const magnitude = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  machine.push(toNumber(BigInt.asIntN(8 * length, magnitude)), length);
}

function toNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function pushBytes(machine: PickleMachine, length: number): void {
  machine.push(machine.reader.take(length, 'a string of bytes'), COST.view);
}

function pushText(machine: PickleMachine, length: number): void {
  const bytes = machine.reader.take(length, 'a text');
  if (length > MAX_TEXT_BYTES) {
    machine.push(new PickleLongText(bytes, 'utf-8'), COST.view);
    return;
  }
  machine.charge(2 * length);
  try {
    machine.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    if (cause instanceof TypeError) throw machine.fail('a text is not UTF-8');
    throw cause;
  }
}

function pushStringLine(machine: PickleMachine): void {
  const line = machine.reader.line('a text', machine.reader.remaining);
  machine.charge(line.length);
  const decoded = decodeStringLiteral(line);
  if (decoded === undefined) throw machine.fail('a line is no quoted text');
  machine.push(decoded, COST.view);
}

function pushUnicodeLine(machine: PickleMachine): void {
  const line = machine.reader.line('a text', machine.reader.remaining);
  if (line.length > MAX_TEXT_BYTES) {
    machine.push(new PickleLongText(line, 'raw-unicode-escape'), COST.view);
    return;
  }
  machine.charge(2 * line.length);
  const decoded = decodeRawUnicode(line);
  if (decoded === undefined) throw machine.fail('a text has an escape that is none');
  machine.push(decoded);
}
