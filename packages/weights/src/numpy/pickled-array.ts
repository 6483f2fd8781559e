import { formatShape, type Shape, sizeOf } from '@alexnet/core';
import { checkShape, createFileTensor, MAX_RANK } from '../elements/create-file-tensor.ts';
import { ELEMENT_BYTES } from '../elements/element-type.ts';
import { columnMajorStrides, rowMajorStrides } from '../elements/gather.ts';
import { damagedFile } from '../file-error.ts';
import {
  describePickleValue,
  itemsOf,
  PickleInstance,
  PickleList,
  type PickleValue,
  textOf,
} from '../pickle/values.ts';
import type { FileTensor } from '../weight-file.ts';
import { type Dtype, parseDtype } from './dtype.ts';

/** `numpy.dtype` in a pickle: its code comes with the call, its byte order with the state. */
export class PickledDtype extends PickleInstance {
  override readonly description = 'a numpy dtype';
  private dtype: Dtype;

  constructor(code: string) {
    super();
    this.dtype = parseDtype(code);
  }

  get value(): Dtype {
    return this.dtype;
  }

  /** `(version, byte order, subarray, names, fields, …)`: the middle ones are those of records. */
  override setState(state: PickleValue, place: string): void {
    const items = itemsOf(state);
    const order = textOf(items?.[1]);
    if (items === undefined || order === undefined || !/^[<>=|]$/.test(order)) {
      throw damagedFile(place, `a numpy dtype is filled with ${describePickleValue(state)}`);
    }
    const isRecord = items.slice(2, 5).some((item) => item !== null && item !== undefined);
    if (isRecord) this.dtype = { kind: 'other', code: 'record' };
    else if (this.dtype.kind === 'numbers') {
      this.dtype = { ...this.dtype, byteOrder: order === '>' ? 'big' : 'little' };
    }
  }
}

type Content =
  | { readonly kind: 'numbers'; readonly toFileTensor: (place: string) => FileTensor }
  | { readonly kind: 'objects'; readonly items: readonly PickleValue[] }
  | { readonly kind: 'other'; readonly code: string };

/** `numpy.ndarray` in a pickle: made empty, then given its state. */
export class PickledArray extends PickleInstance {
  override readonly description = 'a numpy array';
  private own: { readonly shape: Shape; readonly content: Content } | undefined;

  get shape(): Shape {
    return this.own?.shape ?? [0];
  }

  get content(): Content {
    return this.own?.content ?? { kind: 'objects', items: [] };
  }

  /** `(version, shape, dtype, is in Fortran's order, bytes or list)`; the oldest have no version. */
  override setState(state: PickleValue, place: string): void {
    const items = itemsOf(state) ?? [];
    const [shape, dtype, isFortran, raw] = items.length === 5 ? items.slice(1) : items;
    const isComplete = items.length === 4 || items.length === 5;
    if (this.own || !isComplete || !(dtype instanceof PickledDtype)) {
      throw damagedFile(place, `a numpy array is filled with ${describePickleValue(state)}`);
    }
    const lengths = readLengths(shape, place);
    const order = isFortran === true || isFortran === 1 ? 'F' : 'C';
    this.own = readOwn(dtype, lengths, { raw, order, place });
  }

  /** As `_frombuffer` makes it. */
  static fromBuffer(
    dtype: PickledDtype,
    shape: PickleValue | undefined,
    buffer: RawBuffer,
  ): PickledArray {
    const array = new PickledArray();
    array.own = readOwn(dtype, readLengths(shape, buffer.place), buffer);
    return array;
  }
}

/** What an array's numbers are read from. */
interface RawBuffer {
  readonly raw: PickleValue | undefined;
  /**
   * C or F for rows or columns one behind the other; or rows of an array whose axes are then put into this order, as
   * NumPy has it in `transpose`.
   */
  readonly order: 'C' | 'F' | readonly number[];
  readonly place: string;
}

function readOwn(
  { value }: PickledDtype,
  lengths: Shape,
  { raw, order, place }: RawBuffer,
): { readonly shape: Shape; readonly content: Content } {
  if (order === 'C') {
    return { shape: lengths, content: readContent(value, { lengths, raw, place }) };
  }
  const isFortran = order === 'F';
  const strides = isFortran ? columnMajorStrides(lengths) : rowMajorStrides(lengths);
  const move = (axes: readonly number[]) =>
    isFortran ? axes : order.map((axis) => axes[axis] ?? 0);
  const shape = move(lengths);
  const content = readContent(value, { lengths: shape, raw, place, strides: move(strides) });
  return { shape, content };
}

interface RawContent {
  readonly lengths: Shape;
  readonly raw: PickleValue | undefined;
  readonly place: string;
  /** Where they are not those of rows one behind the other. */
  readonly strides?: readonly number[];
}

function readContent(dtype: Dtype, { lengths, raw, place, strides }: RawContent): Content {
  const count = sizeOf(lengths);
  if (dtype.kind === 'objects') {
    if (!(raw instanceof PickleList) || raw.items.length !== count) {
      throw mismatch(place, lengths, raw);
    }
    return { kind: 'objects', items: raw.items };
  }
  if (dtype.kind === 'other') return dtype;
  const { type, byteOrder } = dtype;
  if (!(raw instanceof Uint8Array) || raw.length !== count * ELEMENT_BYTES[type]) {
    throw mismatch(`${place}, in ${type}`, lengths, raw);
  }
  const laid = { type, shape: lengths, bytes: raw, byteOrder };
  const stored = strides === undefined ? laid : { ...laid, strides };
  return { kind: 'numbers', toFileTensor: (name) => createFileTensor(stored, name) };
}

function readLengths(value: PickleValue | undefined, place: string): Shape {
  const items = itemsOf(value) ?? [];
  const lengths = items.length > MAX_RANK ? [] : items.filter((item) => typeof item === 'number');
  if (itemsOf(value) === undefined || lengths.length !== items.length) {
    throw damagedFile(place, `the shape of a numpy array is ${describePickleValue(value)}`);
  }
  checkShape(lengths, place);
  return lengths;
}

function mismatch(place: string, shape: Shape, raw: PickleValue | undefined): Error {
  return damagedFile(
    place,
    `a numpy array of shape ${formatShape(shape)} is given ${describePickleValue(raw)}`,
  );
}
