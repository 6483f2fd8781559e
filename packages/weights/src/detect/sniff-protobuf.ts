import { WireReader, WireType } from '@alexnet/core/protobuf';

/** Fields that are looked at; the first few tell. */
const MAX_FIELDS = 2000;

/**
 * Which of the three formats in protobuf a file is, by the numbers and kinds of its outermost fields; undefined if it
 * is none of them, or cut short before they can be told apart.
 *
 * @see onnx.proto `ModelProto` · caffe.proto `NetParameter`, `BlobProto`
 */
export function sniffProtobuf(
  bytes: Uint8Array,
): 'onnx' | 'caffemodel' | 'binaryproto' | undefined {
  const fields = listFields(bytes);
  const has = (field: number, wireType: number) => fields.get(field) === wireType;
  // graph; ir_version or opset_import
  if (
    has(7, WireType.bytes) &&
    (has(1, WireType.varint) || has(8, WireType.bytes)) &&
    !has(5, WireType.fixed32)
  ) {
    if (!has(5, WireType.bytes) || has(8, WireType.bytes)) return 'onnx';
  }
  if (has(100, WireType.bytes)) return 'caffemodel';
  const isBlob =
    [1, 2, 3, 4].every((field) => has(field, WireType.varint)) || has(7, WireType.bytes);
  if (isBlob && (has(5, WireType.bytes) || has(5, WireType.fixed32))) return 'binaryproto';
  // name, layers
  if (has(1, WireType.bytes) && has(2, WireType.bytes) && !fields.has(4)) return 'caffemodel';
  return undefined;
}

/** Whether a file that begins so is an ONNX model. */
export function isOnnxStart(bytes: Uint8Array): boolean {
  return sniffProtobuf(bytes) === 'onnx';
}

/** Wire types of the outermost fields, by number; up to where the bytes make no sense. */
function listFields(bytes: Uint8Array): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const reader = new WireReader(bytes);
  try {
    for (let count = 0; count < MAX_FIELDS && reader.position < reader.end; count += 1) {
      const { number, wireType } = reader.tag();
      // Neither ONNX nor Caffe has groups.
      if (wireType === WireType.group || wireType === WireType.groupEnd) break;
      // A field that reaches beyond the end is still what it says it is: the reader tells what is missing.
      found.set(number, wireType);
      reader.skip(wireType, number);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return found;
}
