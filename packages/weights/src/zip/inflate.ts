import { isAlexNetError } from '@alexnet/core';
import { damagedFile } from '../file-error.ts';

/** What deflate packs best, a run of one byte: 258 bytes in two bits. */
const MAX_RATIO = 1032;

/** Compressed bytes that are unpacked at a time, at least. */
const MIN_STEP_BYTES = 2048;

/** First guess at the unpacked size, per compressed byte; what is declared is believed bit by bit. */
const FIRST_EXPANSION = 4;

/**
 * Unpacks a raw deflate stream that must yield `sizeBytes` bytes, by fflate: it is synchronous, so that a
 * stream which yields more is stopped at once, and runs in any engine.
 *
 * @param place - for messages
 * @throws {@link AlexNetError} `INVALID_MODEL`
 */
export async function inflate(
  compressed: Uint8Array,
  sizeBytes: number,
  place: string,
): Promise<Uint8Array> {
  if (sizeBytes > compressed.length * MAX_RATIO) {
    throw damagedFile(
      place,
      `${compressed.length} compressed bytes cannot unpack to the ${sizeBytes} that are declared`,
    );
  }
  const fflate = await import('fflate');
  const unpack = compressed.length > MIN_STEP_BYTES ? inflateSteps : inflateAtOnce;
  try {
    return unpack(compressed, sizeBytes, { fflate, place });
  } catch (cause) {
    if (isAlexNetError(cause)) throw cause;
    throw damagedFile(place, 'its compressed bytes are damaged', { cause });
  }
}

interface InflateOptions {
  readonly fflate: typeof import('fflate');
  readonly place: string;
}

/** One byte more than declared has room: fflate drops what goes beyond, and what fills that byte is too much. */
function inflateAtOnce(
  compressed: Uint8Array,
  sizeBytes: number,
  { fflate, place }: InflateOptions,
): Uint8Array {
  const out = new Uint8Array(sizeBytes + 1);
  const unpacked = fflate.inflateSync(compressed, { out });
  checkLength(unpacked.length, sizeBytes, place);
  return unpacked;
}

/** Memory grows with what comes out, not with what is declared. */
function inflateSteps(
  compressed: Uint8Array,
  sizeBytes: number,
  { fflate, place }: InflateOptions,
): Uint8Array {
  let unpacked = new Uint8Array(Math.min(sizeBytes, compressed.length * FIRST_EXPANSION));
  let length = 0;
  const inflater = new fflate.Inflate((chunk) => {
    const end = length + chunk.length;
    if (end > sizeBytes) checkLength(end, sizeBytes, place);
    if (end > unpacked.length) {
      const larger = new Uint8Array(Math.min(sizeBytes, Math.max(end, unpacked.length * 2)));
      larger.set(unpacked.subarray(0, length));
      unpacked = larger;
    }
    unpacked.set(chunk, length);
    length = end;
  });
  // What one step can yield stays below what is declared, or below 2 MiB.
  const step = Math.max(MIN_STEP_BYTES, Math.floor(sizeBytes / MAX_RATIO));
  for (let begin = 0; begin < compressed.length; begin += step) {
    const end = begin + step;
    inflater.push(compressed.subarray(begin, end), end >= compressed.length);
  }
  checkLength(length, sizeBytes, place);
  return unpacked;
}

function checkLength(length: number, sizeBytes: number, place: string): void {
  if (length === sizeBytes) return;
  const amount =
    length > sizeBytes
      ? `more than the ${sizeBytes} bytes that are`
      : `${length} bytes, but ${sizeBytes} are`;
  throw damagedFile(place, `it unpacks to ${amount} declared`);
}
