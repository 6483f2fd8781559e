import { AlexNetError, messageOf } from '@alexnet/core';

/** A protobuf message, and with it any ONNX file, ends here. */
const MAX_BYTES = 2 ** 31 - 1;

export interface ReadBodyOptions {
  readonly url: URL;
  /** The file's size, where it is known otherwise than from the server. */
  readonly expectedBytes?: number | undefined;
  readonly onBytes?: ((loadedBytes: number, totalBytes: number | null) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the body of an answer to its end.
 *
 * @throws {@link AlexNetError} `IO` with both numbers if it is cut short, or longer than it should be · the signal's
 *   reason
 */
export async function readBody(
  response: Response,
  { url, expectedBytes, onBytes, signal }: ReadBodyOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = readLength(response);
  const total = expectedBytes ?? declared;
  const sink = createSink(total);
  onBytes?.(0, total);
  try {
    for await (const chunk of streamOf(response)) {
      sink.add(chunk);
      if (sink.length > (expectedBytes ?? MAX_BYTES)) {
        throw wrongLength(url, sink.length, expectedBytes ?? MAX_BYTES);
      }
      onBytes?.(sink.length, total);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof AlexNetError) throw cause;
    throw new AlexNetError('IO', {
      message: `The download of ${url.href} broke off after ${sink.length} of ${total ?? 'unknown'} bytes: ${messageOf(cause)}.`,
      hint: 'Check the connection, then load it again.',
      path: [url.href],
      cause,
    });
  }
  // Packed answers are longer unpacked than declared; shorter is always a loss.
  if (sink.length < (total ?? 0)) throw wrongLength(url, sink.length, total ?? 0);
  return sink.finish();
}

function readLength({ headers }: Response): number | null {
  const length = Number(headers.get('content-length') ?? Number.NaN);
  const isPacked = headers.get('content-encoding') !== null;
  return Number.isSafeInteger(length) && length > 0 && !isPacked ? length : null;
}

/** Streams are not iterable in every browser of today. */
async function* streamOf({ body }: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body?.getReader();
  if (!reader) return;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}

interface Sink {
  readonly length: number;
  add(chunk: Uint8Array<ArrayBuffer>): void;
  finish(): Uint8Array<ArrayBuffer>;
}

/** Gathers chunks; once only where the total is known and right. */
function createSink(total: number | null): Sink {
  let bytes = new Uint8Array(Math.min(total ?? 0, MAX_BYTES));
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(chunk) {
      const needed = length + chunk.length;
      if (needed > bytes.length) {
        const larger = new Uint8Array(Math.max(needed, bytes.length * 2));
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(chunk, length);
      length = needed;
    },
    finish: () => (length === bytes.length ? bytes : bytes.slice(0, length)),
  };
}

function wrongLength(url: URL, actual: number, expected: number): AlexNetError {
  return new AlexNetError('IO', {
    message: `${url.href} should be ${expected} bytes, but ${actual} arrived.`,
    hint:
      actual < expected
        ? 'The download was cut short: load it again.'
        : 'The file on the server is another one: check the address, or export the model again.',
    path: [url.href],
  });
}
