import { createFileTensor } from '../elements/create-file-tensor.ts';
import { ELEMENT_BYTES } from '../elements/element-type.ts';
import { columnMajorStrides } from '../elements/gather.ts';
import { damagedFile, unsupportedFile } from '../file-error.ts';
import { readWholePickle } from '../pickle/read-pickle.ts';
import { TensorCollector } from '../tensor-collector.ts';
import type { FileTensor, LayoutConvention, WeightFile, WeightSource } from '../weight-file.ts';
import { collectArrays } from './collect-arrays.ts';
import { READ_TYPES } from './dtype.ts';
import { isNpy, type NpyHeader, readNpyHeader } from './npy-header.ts';
import { NUMPY_GLOBALS } from './numpy-globals.ts';
import { PickledArray } from './pickled-array.ts';

/** As TensorFlow lays out its arrays; the published files were made from Caffe's, whose pictures are BGR. */
const DICT_CONVENTION: LayoutConvention = {
  conv: 'HWIO',
  linear: 'in-out',
  flatten: 'HWC',
  channels: 'BGR',
};

/** Nothing is agreed on for arrays alone. */
export const ARRAY_CONVENTION: LayoutConvention = { ...DICT_CONVENTION, channels: null };

/**
 * Reads a `.npy` file: one array of numbers, or a pickled dict of layers in either form,
 * `{conv1: [W, b]}` and `{conv1: {weights, biases}}`; both give `conv1/weights` and `conv1/biases`. A
 * pickle without NumPy's header around it is read as well, as `numpy.load` does.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`: damaged, or a pickle that asks for more than arrays ·
 *   `UNSUPPORTED`: arrays of other things than numbers
 */
export async function readNumpy({ name, bytes }: WeightSource): Promise<WeightFile> {
  const collector = new TensorCollector(name, bytes.length);
  const stem = name.replace(/\.[^.]*$/, '');
  if (isNpy(bytes)) {
    const header = readNpyHeader(bytes, name);
    if (header.dtype.kind !== 'objects') {
      collector.add(stem, readNpyNumbers(bytes, header, name));
      return { format: 'npy', convention: ARRAY_CONVENTION, ...collector.finish() };
    }
    collectObjects(bytes, header, { name: '', place: name, collector, rootName: stem });
  } else {
    const value = readWholePickle(bytes, { place: name, globals: NUMPY_GLOBALS });
    collectArrays(value, '', { collector, place: name, rootName: stem });
  }
  checkHasArrays(collector, name);
  return { format: 'numpy-dict', convention: DICT_CONVENTION, ...collector.finish() };
}

/** @throws {@link AlexNetError} `UNSUPPORTED` for a file without arrays of numbers */
export function checkHasArrays({ size }: TensorCollector, place: string): void {
  if (size > 0) return;
  const hint = `Types that are read: ${READ_TYPES}.`;
  throw unsupportedFile(place, 'it holds no arrays of numbers', hint);
}

/** The array behind a header. */
export function readNpyNumbers(bytes: Uint8Array, header: NpyHeader, place: string): FileTensor {
  const { dtype, shape, isFortran, dataOffset } = header;
  if (dtype.kind !== 'numbers') {
    const code = dtype.kind === 'other' ? dtype.code : 'object';
    throw unsupportedFile(
      place,
      `it is an array of NumPy's type ${code}`,
      `Types that are read: ${READ_TYPES}.`,
    );
  }
  const { type, byteOrder } = dtype;
  const strides = isFortran ? { strides: columnMajorStrides(shape) } : {};
  const content = bytes.subarray(dataOffset);
  const stored = { type, shape, bytes: content, byteOrder, ...strides };
  const tensor = createFileTensor(stored, place);
  const needed = shape.reduce((product, length) => product * length, ELEMENT_BYTES[type]);
  if (content.length !== needed) {
    throw damagedFile(
      place,
      `its array has ${needed} bytes, but ${content.length} follow the header`,
    );
  }
  return tensor;
}

/** The arrays in a pickled array of objects. */
export function collectObjects(
  bytes: Uint8Array,
  header: NpyHeader,
  options: {
    readonly name: string;
    readonly place: string;
    readonly collector: TensorCollector;
    readonly rootName?: string;
  },
): void {
  const { name, place, collector, rootName = name } = options;
  const pickle = bytes.subarray(header.dataOffset);
  const value = readWholePickle(pickle, { place, globals: NUMPY_GLOBALS });
  const isSame =
    value instanceof PickledArray &&
    value.content.kind === 'objects' &&
    value.shape.length === header.shape.length &&
    value.shape.every((length, axis) => length === header.shape[axis]);
  if (!isSame) throw damagedFile(place, 'its pickle is not the array that its header announces');
  collectArrays(value, name, { collector, place, rootName });
}
