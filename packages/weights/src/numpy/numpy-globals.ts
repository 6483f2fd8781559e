import { damagedFile } from '../file-error.ts';
import type { PickleCall, PickleGlobalRule } from '../pickle/machine.ts';
import { PLAIN_GLOBALS } from '../pickle/plain-globals.ts';
import {
  describePickleValue,
  itemsOf,
  PickleGlobal,
  type PickleValue,
  textOf,
} from '../pickle/values.ts';
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

/** `_frombuffer(bytes, dtype, shape, 'C')`, and of NumPy 2.4 `_frombuffer(bytes, dtype, shape, 'K', axes)` */
function fromBuffer({ args, place }: PickleCall): PickleValue {
  const [raw, dtype, shape, letter, axes] = args;
  const order = readOrder(textOf(letter), axes, shape);
  if (args.length > 5 || !(dtype instanceof PickledDtype) || order === undefined) {
    throw refuseArguments('_frombuffer', args, place);
  }
  return PickledArray.fromBuffer(dtype, shape, { raw, order, place });
}

/** @returns undefined for what is no order of as many axes */
function readOrder(
  letter: string | undefined,
  axes: PickleValue | undefined,
  shape: PickleValue | undefined,
): 'C' | 'F' | readonly number[] | undefined {
  if (letter === 'C' || letter === 'F') return axes === undefined ? letter : undefined;
  const order = (itemsOf(axes) ?? []).filter((axis) => typeof axis === 'number');
  const rank = itemsOf(shape)?.length;
  const isOrder =
    order.length === rank && order.toSorted((a, b) => a - b).every((axis, index) => axis === index);
  return letter === 'K' && isOrder ? order : undefined;
}

function refuseArguments(name: string, args: readonly PickleValue[], place: string): Error {
  return damagedFile(
    place,
    `numpy's ${name} is called with ${args.map(describePickleValue).join(', ')}`,
    { hint: 'No version of NumPy writes this: the file was made or altered by something else.' },
  );
}
