/** Fields that are looked at; the first few tell. */
const MAX_FIELDS = 2000;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

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
  if (has(7, BYTES) && (has(1, VARINT) || has(8, BYTES)) && !has(5, FIXED32)) {
    if (!has(5, BYTES) || has(8, BYTES)) return 'onnx';
  }
  if (has(100, BYTES)) return 'caffemodel';
  const isBlob = [1, 2, 3, 4].every((field) => has(field, VARINT)) || has(7, BYTES);
  if (isBlob && (has(5, BYTES) || has(5, FIXED32))) return 'binaryproto';
  // name, layers
  if (has(1, BYTES) && has(2, BYTES) && !fields.has(4)) return 'caffemodel';
  return undefined;
}

/** Whether a file that begins so is an ONNX model. */
export function isOnnxStart(bytes: Uint8Array): boolean {
  return sniffProtobuf(bytes) === 'onnx';
}

/** Wire types of the outermost fields, by number; up to where the bytes make no sense. */
function listFields(bytes: Uint8Array): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  let place = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[place];
      if (byte === undefined) return Number.NaN;
      place += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  for (let count = 0; count < MAX_FIELDS && place < bytes.length; count += 1) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (!(field > 0 && field < 2 ** 29)) break;
    if (wireType === VARINT) varint();
    else if (wireType === FIXED64) place += 8;
    else if (wireType === FIXED32) place += 4;
    else if (wireType === BYTES) {
      const length = varint();
      place += length;
    } else break;
    // A field that reaches beyond the end is still what it says it is: the reader tells what is missing.
    found.set(field, wireType);
    if (!(place >= 0)) break;
  }
  return found;
}
