import type { ByteReader } from '../../byte-reader.ts';
import type { ByteOrder, ElementType } from '../../elements/element-type.ts';

/** What the elements of an array are. */
export type Hdf5Type =
  | {
      readonly kind: 'number';
      readonly type: ElementType;
      readonly sizeBytes: number;
      readonly byteOrder: ByteOrder;
    }
  /** Texts of a fixed length, filled up with zeros or spaces. */
  | { readonly kind: 'text'; readonly sizeBytes: number }
  /** Texts that lie in a heap of the file. */
  | { readonly kind: 'heap-text'; readonly sizeBytes: number }
  /** Anything else, described for people. */
  | { readonly kind: 'other'; readonly sizeBytes: number; readonly description: string };

const CLASSES = [
  'whole numbers',
  'floating-point numbers',
  'times',
  'texts',
  'bit fields',
  'opaque bytes',
  'compounds',
  'references',
  'enumerations',
  'lists',
  'arrays',
] as const;

const Class = { integer: 0, float: 1, text: 3, opaque: 5, enumeration: 8, list: 9 } as const;

/** Places and sizes of a number's parts: sign, exponent, mantissa, bias. */
const FLOATS: Readonly<Record<string, ElementType>> = {
  '15 10/5 0/10 15': 'float16',
  '15 7/8 0/7 127': 'bfloat16',
  '31 23/8 0/23 127': 'float32',
  '63 52/11 0/52 1023': 'float64',
};

const INTEGERS: Readonly<Record<string, ElementType>> = {
  'signed 1': 'int8',
  'signed 2': 'int16',
  'signed 4': 'int32',
  'signed 8': 'int64',
  'unsigned 1': 'uint8',
  'unsigned 2': 'uint16',
  'unsigned 4': 'uint32',
  'unsigned 8': 'uint64',
};

/**
 * @throws {@link AlexNetError} `INVALID_MODEL`
 * @see HDF5 File Format Specification Version 3.0, IV.A.2.d
 */
export function readDatatype(reader: ByteReader): Hdf5Type {
  const head = reader.uint32('the type');
  const sizeBytes = reader.uint32("an element's size");
  const typeClass = head & 0xf;
  const bits = head >>> 8;
  const other = (): Hdf5Type => {
    const description = `${CLASSES[typeClass] ?? `type ${typeClass}`} of ${sizeBytes} bytes`;
    return { kind: 'other', sizeBytes, description };
  };
  const number = (type: ElementType | undefined): Hdf5Type => {
    if (type === undefined) return other();
    return { kind: 'number', type, sizeBytes, byteOrder: bits & 1 ? 'big' : 'little' };
  };
  switch (typeClass) {
    case Class.integer: {
      const sign = bits & 8 ? 'signed' : 'unsigned';
      const isWhole = isFullWidth(reader, sizeBytes);
      return number(isWhole ? INTEGERS[`${sign} ${sizeBytes}`] : undefined);
    }
    case Class.float:
      return number(findFloat(reader, bits, sizeBytes));
    case Class.text:
      return { kind: 'text', sizeBytes };
    case Class.opaque:
      // NumPy has no bfloat16: Keras hands its bytes over as they are.
      return sizeBytes === 2 ? number('bfloat16') : other();
    case Class.enumeration:
      return isBoolean(reader, bits, sizeBytes) ? number('bool') : other();
    case Class.list:
      return (bits & 0xf) === 1 ? { kind: 'heap-text', sizeBytes } : other();
    default:
      return other();
  }
}

/** Whether a number takes all bits of its bytes. */
function isFullWidth(reader: ByteReader, sizeBytes: number): boolean {
  const offset = reader.uint16('the first bit');
  return offset === 0 && reader.uint16('the number of bits') === sizeBytes * 8;
}

function findFloat(reader: ByteReader, bits: number, sizeBytes: number): ElementType | undefined {
  if (!isFullWidth(reader, sizeBytes) || bits & 0x40) return undefined;
  const sign = (bits >> 8) & 0xff;
  const part = () => reader.uint8('a part of a number');
  const exponent = `${part()}/${part()}`;
  const mantissa = `${part()}/${part()}`;
  const layout = `${sign} ${exponent} ${mantissa} ${reader.uint32('the bias')}`;
  return Object.hasOwn(FLOATS, layout) ? FLOATS[layout] : undefined;
}

/** h5py's booleans: an enumeration FALSE, TRUE of one byte. */
function isBoolean(reader: ByteReader, bits: number, sizeBytes: number): boolean {
  if (sizeBytes !== 1 || (bits & 0xffff) !== 2) return false;
  reader.skip(12, 'the type below');
  const names = new TextDecoder().decode(reader.take(reader.remaining, 'the names'));
  return /^FALSE\0+TRUE\0+/.test(names);
}
