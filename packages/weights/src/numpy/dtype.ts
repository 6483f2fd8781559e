import type { ByteOrder, ElementType } from '../elements/element-type.ts';

/** Kinds of numbers by NumPy's letter and size. */
const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['?', 'bool'],
  ['b1', 'bool'],
  ['i1', 'int8'],
  ['i2', 'int16'],
  ['i4', 'int32'],
  ['i8', 'int64'],
  ['u1', 'uint8'],
  ['u2', 'uint16'],
  ['u4', 'uint32'],
  ['u8', 'uint64'],
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
]);

/** Types of arrays that are read, as messages list them. */
export const READ_TYPES = 'bool, int, uint and float of 8 to 64 bits';

/** NumPy's type of an array. */
export type Dtype =
  | { readonly kind: 'numbers'; readonly type: ElementType; readonly byteOrder: ByteOrder }
  | { readonly kind: 'objects' }
  /** Texts, dates, records, complex numbers … */
  | { readonly kind: 'other'; readonly code: string };

/**
 * Reads a type's code: `<f4`, `|b1`, `O`.
 *
 * @see NumPy, "Array interface", typestr
 */
export function parseDtype(code: string): Dtype {
  const [, order = '', letters = ''] = /^([<>=|]?)(.*)$/s.exec(code) ?? [];
  if (/^O\d*$/.test(letters)) return { kind: 'objects' };
  const type = ELEMENT_TYPES.get(letters);
  if (type === undefined) return { kind: 'other', code };
  return { kind: 'numbers', type, byteOrder: order === '>' ? 'big' : 'little' };
}
