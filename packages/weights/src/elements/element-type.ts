import type { WeightType } from '../weight-file.ts';

/** Kinds of numbers as files store them. */
export type ElementType = WeightType | 'uint16' | 'uint32' | 'uint64';

export type ByteOrder = 'little' | 'big';

export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  float16: 2,
  bfloat16: 2,
  int16: 2,
  uint16: 2,
  float32: 4,
  int32: 4,
  uint32: 4,
  float64: 8,
  int64: 8,
  uint64: 8,
};

/** The type under which an array is shown: what no weights are stored in counts as the next wider type. */
export function toWeightType(type: ElementType): WeightType {
  switch (type) {
    case 'uint16':
      return 'int32';
    case 'uint32':
    case 'uint64':
      return 'int64';
    default:
      return type;
  }
}
