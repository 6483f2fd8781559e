import { AlexNetError, formatShape, sizeOf } from '@alexnet/core';
import { readExternalPlace } from '../external/external-place.ts';
import { widenHalf } from '../half.ts';
import { DataType, type TensorProto } from '../proto/messages.ts';
import { nameDataType } from '../proto/tensor-proto.ts';
import type { Constant, ConstantType, Numbers } from './constant.ts';

/** The bytes of other files that a model keeps weights in, by the names that it uses. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/**
 * The numbers of a tensor, whatever list of the message they stand in. Halves, brain floats and doubles become
 * float32, the one type of weights here: the first two without loss, doubles rounded.
 *
 * Floats are views of the file where it is aligned to four bytes, copies elsewhere.
 *
 * @throws AlexNetError `INVALID_MODEL` where bytes and dims disagree, `UNSUPPORTED` for other types and for
 *   values in a file that is not given
 */
export function readInitializer(
  name: string,
  tensor: TensorProto,
  files: ExternalFiles = new Map(),
): Constant {
  const format = FORMATS.get(tensor.dataType);
  if (!format) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `${name} is ${nameDataType(tensor.dataType)}, but weights are read as floats, and shapes as integers.`,
      hint: 'Export the network in float32; a quantised one cannot be read.',
      path: [name],
    });
  }
  const { dims } = tensor;
  if (dims.length > MAX_RANK) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${name} has ${dims.length} axes; ${MAX_RANK} is the limit.`,
      hint: 'The file is damaged, or made to do harm.',
      path: [name],
    });
  }
  const data = readNumbers(name, tensor, format, files);
  return { kind: 'constant', type: format.type, shape: tensor.dims, data, source: name };
}

/** Of an element in `rawData`; 0 for types that are not read. */
export function bytesPerElement(dataType: number): number {
  return FORMATS.get(dataType)?.bytes ?? 0;
}

/** Axes of a tensor: what NumPy took for decades. */
const MAX_RANK = 32;

/** How a data type stands in `rawData`, and in the list of the message that the type has. */
interface Format {
  readonly type: ConstantType;
  readonly bytes: number;
  /** @param view - of exactly the elements */
  readonly fromRaw: (raw: Uint8Array) => Numbers;
  /** Packed numbers of the list, undefined if that list is empty. */
  readonly list: 'floatData' | 'int32Data' | 'int64Data' | 'doubleData';
  readonly fromIntegers?: (values: Float64Array) => Numbers;
}

function integers(
  bytes: number,
  read: (view: DataView, offset: number) => number,
  type: ConstantType = 'integer',
): Format {
  return {
    type,
    bytes,
    fromRaw: (raw) => mapView(raw, bytes, read, new Float64Array(raw.length / bytes)),
    list: bytes === 8 ? 'int64Data' : 'int32Data',
    fromIntegers: (values) => values,
  };
}

function halves(widen: (bits: number) => number): Format {
  return {
    type: 'float',
    bytes: 2,
    fromRaw: (raw) =>
      mapView(
        raw,
        2,
        (view, offset) => widen(view.getUint16(offset, true)),
        new Float32Array(raw.length / 2),
      ),
    list: 'int32Data',
    fromIntegers: (values) => Float32Array.from(values, (bits) => widen(bits & 0xffff)),
  };
}

const FORMATS: ReadonlyMap<number, Format> = new Map<number, Format>([
  [
    DataType.float,
    { type: 'float', bytes: 4, fromRaw: toFloat32Array, list: 'floatData' } satisfies Format,
  ],
  [
    DataType.double,
    {
      type: 'float',
      bytes: 8,
      fromRaw: (raw) =>
        mapView(
          raw,
          8,
          (view, offset) => view.getFloat64(offset, true),
          new Float32Array(raw.length / 8),
        ),
      list: 'doubleData',
    } satisfies Format,
  ],
  [DataType.float16, halves(widenHalf)],
  [DataType.bfloat16, halves(widenBrainFloat)],
  [DataType.int64, integers(8, (view, offset) => Number(view.getBigInt64(offset, true)))],
  [DataType.int32, integers(4, (view, offset) => view.getInt32(offset, true))],
  [
    DataType.int8,
    {
      ...integers(1, (view, offset) => view.getInt8(offset)),
      fromRaw: (raw) => new Int8Array(raw.buffer, raw.byteOffset, raw.length),
    },
  ],
  [
    DataType.uint8,
    { ...integers(1, (view, offset) => view.getUint8(offset)), fromRaw: (raw) => raw },
  ],
  [DataType.bool, integers(1, (view, offset) => view.getUint8(offset), 'boolean')],
]);

function readNumbers(
  name: string,
  tensor: TensorProto,
  format: Format,
  files: ExternalFiles,
): Numbers {
  const size = sizeOf(tensor.dims);
  const packed = tensor[format.list];
  const fail = (found: string): never => {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${name} is ${formatShape(tensor.dims)}: ${size * format.bytes} bytes, but ${found}.`,
      hint: 'The file is damaged.',
      path: [name],
    });
  };
  const external = findExternal(name, tensor, files);
  const raw = external ?? tensor.rawData ?? new Uint8Array();
  if (packed && packed.length > 0 && raw.length > 0) fail('its values stand in two places');
  if (packed && packed.length > 0 && format.fromIntegers) {
    const values = readVarints(packed, size) ?? fail('its list has another length');
    return format.fromIntegers(values);
  }
  const bytes = packed && packed.length > 0 ? packed : raw;
  if (!Number.isSafeInteger(size) || bytes.length !== size * format.bytes) {
    fail(`its ${external ? 'part of another file' : 'raw_data'} has ${bytes.length}`);
  }
  return format.fromRaw(bytes);
}

/**
 * The bytes of values in another file. Only files that the caller has read are known here: nothing that a model
 * says is ever opened.
 */
function findExternal(
  name: string,
  tensor: TensorProto,
  files: ExternalFiles,
): Uint8Array | undefined {
  const place = readExternalPlace(tensor);
  if (!place) return undefined;
  const { location, offset } = place;
  const file = files.get(location);
  if (!file) throw missingFile(name, location);
  const length = place.length ?? Math.max(0, file.length - offset);
  if (offset + length <= file.length) return file.subarray(offset, offset + length);
  throw new AlexNetError('INVALID_MODEL', {
    message: `${name} is said to be ${length} bytes from byte ${offset} of ${location}, which has ${file.length}.`,
    hint: 'The file with the weights is cut short, or belongs to another model.',
    path: [name],
  });
}

function missingFile(name: string, location: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `${name} is in another file, ${JSON.stringify(location.slice(0, 200))}, and that is not read with this one.`,
    hint: 'Files beside the model are read with it from disk; or save it in one: onnx.save(onnx.load("model.onnx"), "whole.onnx")',
    path: [name],
  });
}

/** A view where the bytes are aligned to four, a copy elsewhere. ONNX is little-endian, as we are. */
function toFloat32Array(raw: Uint8Array): Float32Array {
  const bytes = Float32Array.BYTES_PER_ELEMENT;
  if (raw.byteOffset % bytes === 0) {
    return new Float32Array(raw.buffer, raw.byteOffset, raw.length / bytes);
  }
  return new Float32Array(raw.slice().buffer);
}

function mapView<Numbers extends Float32Array | Float64Array>(
  raw: Uint8Array,
  step: number,
  read: (view: DataView, offset: number) => number,
  into: Numbers,
): Numbers {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  for (let index = 0; index < into.length; index += 1) into[index] = read(view, index * step);
  return into;
}

/** @returns undefined if there are not exactly so many, or one does not end */
function readVarints(bytes: Uint8Array, count: number): Float64Array | undefined {
  if (count > bytes.length) return undefined;
  const values = new Float64Array(count);
  let index = 0;
  let low = 0;
  let high = 0;
  let shift = 0;
  for (const byte of bytes) {
    if (shift > 63 || index >= count) return undefined;
    const bits = byte & 127;
    if (shift < 32) low |= bits << shift;
    if (shift > 32) high |= bits << (shift - 32);
    else if (shift === 28) high |= bits >> 4;
    shift += 7;
    if (byte >= 128) continue;
    values[index] = high * 2 ** 32 + (low >>> 0);
    index += 1;
    low = 0;
    high = 0;
    shift = 0;
  }
  return index === count && shift === 0 ? values : undefined;
}

/** The upper half of a float32: sign, 8 bits of exponent, 7 of fraction. */
function widenBrainFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 7) & 0xff;
  const fraction = bits & 0x7f;
  if (exponent === 0) return sign * fraction * 2 ** -133;
  if (exponent === 0xff) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 128) * 2 ** (exponent - 127);
}
