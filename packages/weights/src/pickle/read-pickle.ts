import { damagedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import { CONTAINER_OPERATIONS } from './container-operations.ts';
import { PickleMachine, type PickleOptions } from './machine.ts';
import { OBJECT_OPERATIONS } from './object-operations.ts';
import { type PickleOperation, SCALAR_OPERATIONS } from './scalar-operations.ts';
import type { PickleValue } from './values.ts';

const STOP = '.'.charCodeAt(0);

export interface PickleResult {
  readonly value: PickleValue;
  /** Offset behind the pickle. */
  readonly end: number;
}

/**
 * Reads one pickle of protocol 0 to 5 as data: numbers, texts, containers, and what the functions of
 * `options.globals` make. Nothing else is made and nothing is run. Bytes are views of the file.
 *
 * Work and memory grow with the pickle's length and stop at named limits; nothing recurses, and the
 * result may hold cycles.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`: damaged, or asks for anything else, which is named
 * @see Python, Lib/pickletools.py
 */
export function readPickle(bytes: Uint8Array, options: PickleOptions): PickleResult {
  const machine = new PickleMachine(bytes, options);
  const { reader } = machine;
  const operations = indexOperations();
  for (;;) {
    const opcode = reader.uint8('an opcode');
    if (opcode === STOP) return { value: machine.finish(), end: reader.offset };
    const operation = operations[opcode];
    if (operation === undefined) {
      throw machine.fail(`${quoteName(String.fromCharCode(opcode))} is no opcode`);
    }
    operation(machine);
  }
}

/**
 * Like {@link readPickle}, for a pickle that must end with its bytes: loaders that go on reading would see
 * what a check that stops does not.
 */
export function readWholePickle(bytes: Uint8Array, options: PickleOptions): PickleValue {
  const { value, end } = readPickle(bytes, options);
  if (end !== bytes.length) {
    throw damagedFile(
      options.place,
      `its pickle ends at byte ${end}, but there are ${bytes.length}`,
    );
  }
  return value;
}

/** By opcode, so that each takes one look. */
function indexOperations(): readonly (PickleOperation | undefined)[] {
  const operations = new Array<PickleOperation | undefined>(256).fill(undefined);
  for (const table of [SCALAR_OPERATIONS, CONTAINER_OPERATIONS, OBJECT_OPERATIONS]) {
    for (const [letter, operation] of table) operations[letter.charCodeAt(0)] = operation;
  }
  return operations;
}
