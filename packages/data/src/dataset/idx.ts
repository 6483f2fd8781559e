import { AlexNetError } from '@alexnet/core';

/** An array of bytes as an idx file holds it. */
export interface IdxArray {
  /** Lengths of the axes, outermost first: [count] for labels, [count, height, width] for pictures. */
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

/** What the head of an idx file promises. */
export interface IdxHeader {
  readonly shape: readonly number[];
  readonly headerBytes: number;
  /** Header and values together. */
  readonly fileBytes: number;
}

/** An idx head is at most this long: four bytes of magic and a length for each of 255 axes. */
export const MAX_IDX_HEADER_BYTES: number = 4 + 4 * 255;

const UNSIGNED_BYTES = 0x08;
const DTYPES: Readonly<Record<number, string>> = {
  9: 'int8',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};

/**
 * Reads the head of an idx file.
 *
 * @param bytes - at least the head; what follows is not looked at
 * @param name - what messages call the file
 * @throws {@link AlexNetError} `INVALID_DATASET` saying which field is wrong
 * @see LeCun, "The MNIST database", section "The IDX file format"
 */
export function parseIdxHeader(bytes: Uint8Array, name: string): IdxHeader {
  const magic = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0'));
  const [zero, alsoZero, dtype, rank] = bytes;
  if (rank === undefined || zero !== 0 || alsoZero !== 0 || dtype === undefined) {
    throw invalid(
      name,
      `is not an idx file: it begins with [${magic.join(' ')}] in place of [00 00 08 ..].`,
    );
  }
  if (dtype !== UNSIGNED_BYTES) {
    const found = DTYPES[dtype] ?? `type 0x${dtype.toString(16)}`;
    throw invalid(
      name,
      `holds ${found} (magic [${magic.join(' ')}]); only unsigned bytes (08) are read.`,
    );
  }
  const headerBytes = 4 + 4 * rank;
  if (rank === 0 || bytes.length < headerBytes) {
    throw invalid(
      name,
      `is cut short: its head takes ${headerBytes} bytes, but there are ${bytes.length}.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  return { shape, headerBytes, fileBytes: headerBytes + shape.reduce((a, b) => a * b, 1) };
}

/**
 * Reads an idx file of unsigned bytes, without copying.
 *
 * @param name - what messages call the file
 * @throws {@link AlexNetError} `INVALID_DATASET` if the magic is wrong, or the length is not what the head
 *   promises, with both numbers
 */
export function parseIdx(bytes: Uint8Array, name = 'the idx file'): IdxArray {
  const header = parseIdxHeader(bytes, name);
  checkIdxLength(header, bytes.length, name);
  return { shape: header.shape, values: bytes.subarray(header.headerBytes) };
}

/**
 * @throws {@link AlexNetError} `INVALID_DATASET` with both numbers
 */
export function checkIdxLength(header: IdxHeader, lengthBytes: number, name: string): void {
  if (lengthBytes === header.fileBytes) return;
  const promise = `its head promises ${header.shape.join(' × ')} values, ${header.fileBytes} bytes with the head`;
  throw invalid(
    name,
    lengthBytes < header.fileBytes
      ? `is cut short: ${promise}, but there are ${lengthBytes}.`
      : `has a wrong count: ${promise}, but there are ${lengthBytes}.`,
  );
}

function invalid(name: string, problem: string): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} ${problem}`,
    hint: 'Fetch the file again, and check that nothing changed it on the way.',
    path: [name],
  });
}
