import type { ElementType } from '../elements/element-type.ts';
import type { MessageReader } from '../protobuf/message-reader.ts';

// Field numbers and codes: tensorflow/core/framework/{tensor_shape,types,tensor_slice}.proto.

const SHAPE = { dim: 2, unknownRank: 3 } as const;
const DIM_SIZE = 1;
/** TensorFlow's own limit. */
const MAX_RANK = 254;

/** Element types that hold numbers, by their code in `DataType`. */
const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map([
  [1, 'float32'],
  [2, 'float64'],
  [3, 'int32'],
  [4, 'uint8'],
  [5, 'int16'],
  [6, 'int8'],
  [9, 'int64'],
  [10, 'bool'],
  [14, 'bfloat16'],
  [17, 'uint16'],
  [19, 'float16'],
  [22, 'uint32'],
  [23, 'uint64'],
]);

export const DT_STRING = 7;

/** @returns undefined for types that are no numbers: texts, complex and quantised ones */
export function elementTypeOf(code: number): ElementType | undefined {
  return ELEMENT_TYPES.get(code);
}

/**
 * Reads a `TensorShapeProto`.
 *
 * @throws AlexNetError `INVALID_MODEL`
 */
export function readShape(reader: MessageReader): readonly number[] {
  const shape: number[] = [];
  while (reader.next()) {
    if (reader.field === SHAPE.unknownRank && reader.boolean()) {
      throw reader.fault('its number of axes is not known');
    }
    if (reader.field !== SHAPE.dim) continue;
    if (shape.length >= MAX_RANK) throw reader.fault(`it has more than ${MAX_RANK} axes`);
    shape.push(readLength(reader.message(`dim[${shape.length}]`)));
  }
  return shape;
}

/** A length of 0 is left out. */
function readLength(reader: MessageReader): number {
  let length = 0;
  while (reader.next()) if (reader.field === DIM_SIZE) length = reader.integer();
  if (length < 0) throw reader.fault(`its length is ${length}`);
  return length;
}
