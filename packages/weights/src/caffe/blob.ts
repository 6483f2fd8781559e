import { formatShape, type Shape, sizeOf, type Tensor } from '@alexnet/core';
import { decodeFloats } from '../elements/decode-floats.ts';
import { ELEMENT_BYTES } from '../elements/element-type.ts';
import { MessageReader } from '../protobuf/message-reader.ts';

/** Axes of a blob; Caffe's own limit. */
const MAX_AXES = 32;

// Field numbers of BlobProto: src/caffe/proto/caffe.proto of github.com/BVLC/caffe.
const BLOB = { num: 1, width: 4, data: 5, shape: 7, doubleData: 8 } as const;
const SHAPE_DIM = 1;

/** An array of a Caffe file. */
export interface Blob {
  readonly dtype: 'float32' | 'float64';
  readonly shape: Shape;
  /** Whether the shape was given as num × channels × height × width, with ones in front of what is not there. */
  readonly isLegacy: boolean;
  /** A view of the file where its place allows, else converted at each call. */
  toFloat32(): Float32Array;
}

/**
 * Reads a `BlobProto`; gradients (`diff`) are passed over.
 *
 * @throws AlexNetError `INVALID_MODEL`
 */
export function readBlob(reader: MessageReader): Blob {
  const legacy: number[] = [];
  let shape: number[] | null = null;
  const floats = createNumberList('float32');
  const doubles = createNumberList('float64');
  while (reader.next()) {
    const { field } = reader;
    if (field >= BLOB.num && field <= BLOB.width) legacy[field - BLOB.num] = reader.integer();
    else if (field === BLOB.shape) shape = readShape(reader.message('shape'));
    else if (field === BLOB.data) floats.add(reader);
    else if (field === BLOB.doubleData) doubles.add(reader);
  }
  const [numbers, field] = doubles.count > 0 ? [doubles, BLOB.doubleData] : [floats, BLOB.data];
  const isLegacy = shape === null && legacy.length > 0;
  const lengths =
    shape ?? (isLegacy ? [0, 1, 2, 3].map((axis) => legacy[axis] ?? 0) : [numbers.count]);
  checkSize(reader, lengths, numbers.count);
  const { type, only, byteLength } = numbers;
  return {
    dtype: type,
    shape: lengths,
    isLegacy,
    // Caffe writes little-endian.
    toFloat32: () => decodeFloats(only ?? gather(reader, field, byteLength), type),
  };
}

/**
 * The picture of a `.binaryproto` file: Caffe's mean of a data set, [1, 3, 256, 256], channels in Caffe's order BGR.
 *
 * @throws AlexNetError `INVALID_MODEL` if the bytes are no `BlobProto`
 *
 * @example
 * readBinaryproto(bytes).shape // [1, 3, 256, 256]
 */
export function readBinaryproto(bytes: Uint8Array): Tensor {
  const reader = MessageReader.open(bytes, 'Caffe blob');
  const blob = readBlob(reader);
  const { shape } = blob;
  const expected = sizeOf(shape);
  if (expected === 0) throw reader.fault('it holds no numbers');
  return { shape, data: blob.toFloat32() };
}

/**
 * The mean of each channel of a mean picture, in its channels' order.
 *
 * Shape: mean [1, C, H, W] or [C, H, W] → C numbers
 */
export function channelMeans({ shape, data }: Tensor): readonly number[] {
  const channels = shape.at(-3) ?? 1;
  const pixels = data.length / channels;
  return Array.from({ length: channels }, (_, channel) => {
    const plane = data.subarray(channel * pixels, (channel + 1) * pixels);
    return plane.reduce((sum, value) => sum + value, 0) / pixels;
  });
}

function readShape(reader: MessageReader): number[] {
  const shape: number[] = [];
  while (reader.next()) {
    if (reader.field === SHAPE_DIM) reader.appendIntegers(shape, MAX_AXES);
  }
  return shape;
}

function checkSize(reader: MessageReader, shape: Shape, count: number): void {
  const isLength = (length: number) => length >= 0;
  if (shape.every(isLength) && sizeOf(shape) === count) return;
  throw reader.fault(`its shape ${formatShape(shape)} does not hold its ${count} numbers`);
}

/** What is known of a list of numbers after one pass. */
interface NumberList {
  readonly type: Blob['dtype'];
  readonly count: number;
  readonly byteLength: number;
  /** All of it, where it stands in one piece, as every writer of today writes it. */
  readonly only: Uint8Array | null;
  add(reader: MessageReader): void;
}

function createNumberList(type: Blob['dtype']): NumberList {
  let byteLength = 0;
  let only: Uint8Array | null = new Uint8Array();
  return {
    type,
    get count() {
      return byteLength / ELEMENT_BYTES[type];
    },
    get byteLength() {
      return byteLength;
    },
    get only() {
      return only;
    },
    add(reader) {
      const piece = pieceOf(reader, ELEMENT_BYTES[type]);
      if (piece.length % ELEMENT_BYTES[type] !== 0) {
        throw reader.fault(`${piece.length} bytes are not a whole number of floats`);
      }
      only = byteLength === 0 ? piece : null;
      byteLength += piece.length;
    },
  };
}

/** Packed numbers, or one alone. */
function pieceOf(reader: MessageReader, bytesEach: number): Uint8Array {
  return reader.isDelimited ? reader.content() : reader.fixed(bytesEach === 4 ? 4 : 8);
}

/** The pieces of a list that is not in one piece, put together. */
function gather(reader: MessageReader, field: number, byteLength: number): Uint8Array {
  const gathered = new Uint8Array(byteLength);
  let offset = 0;
  reader.rewind();
  while (reader.next()) {
    if (reader.field !== field) continue;
    const piece = pieceOf(reader, field === BLOB.data ? 4 : 8);
    gathered.set(piece, offset);
    offset += piece.length;
  }
  return gathered;
}
