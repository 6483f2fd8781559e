import { AlexNetError, type Shape } from '@alexnet/core';
import { CHECKSUM_BYTES, lookup3 } from './checksum.ts';
import { MessageType } from './object-header.ts';

/** What is written: groups with texts about them, and float32 arrays. */
export type Hdf5Entry =
  | {
      readonly kind: 'group';
      readonly entries: ReadonlyMap<string, Hdf5Entry>;
      /** One text, or a list of them. */
      readonly attributes: ReadonlyMap<string, string | readonly string[]>;
    }
  | { readonly kind: 'array'; readonly shape: Shape; readonly data: Float32Array };

/** Bytes at their place in the file. */
interface Part {
  readonly address: number;
  readonly bytes: Uint8Array;
}

const SUPERBLOCK_BYTES = 48;
/** Arrays start at multiples of this, so that they can be read in place. */
const ALIGNMENT = 8;
/** A message says its length in two bytes. */
const MAX_MESSAGE_BYTES = 65_535;
const FILL_VALUE = 0x05;
/** Space is made late, and filled if a value is set: HDF5's defaults. */
const DEFAULT_FILL = [3, 0x0a] as const;
/** Little-endian IEEE: sign at bit 31, 8 bits of exponent from 23, 23 bits of fraction from 0, bias 127. */
const FLOAT32 = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0] as const;

/**
 * Writes an HDF5 file of version 2, which HDF5 1.8 (2008) and later read: headers that hold the names of their groups,
 * arrays in one stretch each. Entries lie in the file in their order.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for attributes of more than 64 kB
 * @see HDF5 File Format Specification Version 3.0, II.A, IV.A
 */
export function writeHdf5(root: Extract<Hdf5Entry, { readonly kind: 'group' }>): Uint8Array {
  const parts: Part[] = [];
  let end = SUPERBLOCK_BYTES;
  const place = (bytes: Uint8Array): number => {
    const address = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    parts.push({ address, bytes });
    end = address + bytes.length;
    return address;
  };
  const write = (entry: Hdf5Entry): number => {
    if (entry.kind === 'group') {
      const links = [...entry.entries].map(([name, inner]) => encodeLink(name, write(inner)));
      const attributes = [...entry.attributes].map(([name, value]) => encodeAttribute(name, value));
      return place(encodeHeader([encodeLinkInfo(), ...links, ...attributes]));
    }
    const { data, shape } = entry;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const address = bytes.length > 0 ? place(bytes) : null;
    return place(encodeHeader(describeArray(shape, address, bytes.length)));
  };
  const rootAddress = write(root);
  const file = new Uint8Array(end);
  file.set(encodeSuperblock(rootAddress, end));
  for (const { address, bytes } of parts) file.set(bytes, address);
  return file;
}

function encodeSuperblock(rootAddress: number, end: number): Uint8Array {
  const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
  const addresses = [uint64(0), uint64(null), uint64(end), uint64(rootAddress)];
  return seal(join([[...signature, 2, 8, 8, 0], ...addresses]));
}

interface NewMessage {
  readonly type: number;
  readonly body: Uint8Array;
}

function encodeHeader(messages: readonly NewMessage[]): Uint8Array {
  const bodies = messages.map(({ type, body }) => {
    if (body.length > MAX_MESSAGE_BYTES) {
      throw new AlexNetError('INVALID_ARGUMENT', {
        message: `An attribute takes ${body.length} bytes: HDF5 holds ${MAX_MESSAGE_BYTES}.`,
        hint: 'Use shorter names of layers, or fewer layers.',
      });
    }
    return join([[type], uint(body.length, 2), [0], body]);
  });
  const sizeBytes = bodies.reduce((sum, { length }) => sum + length, 0);
  const isLengthOf4Bytes = 0x02;
  return seal(join([ascii('OHDR'), [2, isLengthOf4Bytes], uint(sizeBytes, 4), ...bodies]));
}

function encodeLinkInfo(): NewMessage {
  return { type: MessageType.linkInfo, body: join([[0, 0], uint64(null), uint64(null)]) };
}

function encodeLink(name: string, address: number): NewMessage {
  const text = new TextEncoder().encode(name);
  const isUtf8 = 0x10;
  const lengthOf2Bytes = 0x01;
  const body = join([[1, isUtf8 | lengthOf2Bytes, 1], uint(text.length, 2), text, uint64(address)]);
  return { type: MessageType.link, body };
}

function describeArray(
  shape: Shape,
  address: number | null,
  sizeBytes: number,
): readonly NewMessage[] {
  return [
    { type: MessageType.dataspace, body: encodeShape(shape) },
    { type: MessageType.datatype, body: Uint8Array.from(FLOAT32) },
    { type: FILL_VALUE, body: Uint8Array.from(DEFAULT_FILL) },
    { type: MessageType.layout, body: join([[3, 1], uint64(address), uint64(sizeBytes)]) },
  ];
}

function encodeShape(shape: Shape): Uint8Array {
  return join([
    [2, shape.length, 0, shape.length > 0 ? 1 : 0],
    ...shape.map((length) => uint64(length)),
  ]);
}

/** Texts of one length, filled up with zeros. */
function encodeAttribute(name: string, value: string | readonly string[]): NewMessage {
  const texts = (typeof value === 'string' ? [value] : value).map((text) =>
    new TextEncoder().encode(text),
  );
  const width = Math.max(1, ...texts.map(({ length }) => length));
  const values = new Uint8Array(width * texts.length);
  for (const [index, text] of texts.entries()) values.set(text, index * width);
  const isUtf8AndZeroPadded = 0x11;
  const type = join([[0x13, isUtf8AndZeroPadded, 0, 0], uint(width, 4)]);
  const shape = encodeShape(typeof value === 'string' ? [] : [texts.length]);
  const label = join([new TextEncoder().encode(name), [0]]);
  const sizes = [label, type, shape].map(({ length }) => uint(length, 2));
  return {
    type: MessageType.attribute,
    body: join([[3, 0], ...sizes, [1], label, type, shape, values]),
  };
}

/** With the checksum behind it. */
function seal(bytes: Uint8Array): Uint8Array {
  return join([bytes, uint(lookup3(bytes), CHECKSUM_BYTES)]);
}

/** HDF5's address, or its "undefined address". */
function uint64(value: number | null): Uint8Array {
  const bytes = new Uint8Array(8);
  const undefinedAddress = 0xffff_ffff_ffff_ffffn;
  new DataView(bytes.buffer).setBigUint64(
    0,
    value === null ? undefinedAddress : BigInt(value),
    true,
  );
  return bytes;
}

/** Little-endian. */
function uint(value: number, sizeBytes: 2 | 4): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  const view = new DataView(bytes.buffer);
  if (sizeBytes === 2) view.setUint16(0, value, true);
  else view.setUint32(0, value, true);
  return bytes;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function join(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
