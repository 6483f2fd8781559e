import { damagedFile } from '../file-error.ts';
import type { PickleCall, PickleGlobalRule } from '../pickle/machine.ts';
import { PLAIN_GLOBALS } from '../pickle/plain-globals.ts';
import { describePickleValue, PickleGlobal, type PickleValue, textOf } from '../pickle/values.ts';
import { PickledArray, PickledDtype } from './pickled-array.ts';

/** NumPy 2 moved `numpy.core` to `numpy._core`. */
const CORES = ['numpy.core', 'numpy._core'] as const;

/** All that a pickle by NumPy may name. */
export const NUMPY_GLOBALS: ReadonlyMap<string, PickleGlobalRule> = new Map<
  string,
  PickleGlobalRule
>([
  ...PLAIN_GLOBALS,
  ['numpy.ndarray', {}],
  ['numpy.dtype', { call: createDtype }],
  ...CORES.map((core) => [`${core}.multiarray._reconstruct`, { call: reconstruct }] as const),
  // How protocol 5 writes arrays of numbers.
  ...CORES.map((core) => [`${core}.numeric._frombuffer`, { call: fromBuffer }] as const),
]);

/** `_reconstruct(numpy.ndarray, (0,), b'b')`: an array yet to be filled, and of no other class. */
function reconstruct({ args, place }: PickleCall): PickleValue {
  const [type] = args;
  const isArray = type instanceof PickleGlobal && type.name === 'numpy.ndarray';
  if (!isArray || args.length !== 3) throw refuseArguments('_reconstruct', args, place);
  return new PickledArray();
}

/** `dtype('f4', False, True)`; the two flags say how to align and copy. */
function createDtype({ args, place }: PickleCall): PickleValue {
  const [code, ...flags] = args;
  const text = textOf(code);
  const areFlags = flags.every((flag) => typeof flag === 'boolean' || flag === 0 || flag === 1);
  if (text === undefined || text.length > 20 || !areFlags || flags.length > 2) {
    throw refuseArguments('dtype', args, place);
  }
  return new PickledDtype(text);
}

/** `_frombuffer(bytes, dtype, shape, 'C')` */
function fromBuffer({ args, place }: PickleCall): PickleValue {
  const [raw, dtype, shape, order] = args;
  const letter = textOf(order) ?? '';
  if (args.length !== 4 || !(dtype instanceof PickledDtype) || !/^[CF]$/.test(letter)) {
    throw refuseArguments('_frombuffer', args, place);
  }
  return PickledArray.fromBuffer(raw, dtype, shape, { order: letter, place });
}

function refuseArguments(name: string, args: readonly PickleValue[], place: string): Error {
  return damagedFile(
    place,
    `numpy's ${name} is called with ${args.map(describePickleValue).join(', ')}`,
    { hint: 'No version of NumPy writes this: the file was made or altered by something else.' },
  );
}
