import { AlexNetError, isAlexNetError, messageOf } from '@alexnet/core';

export interface FetchOptions {
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/**
 * Fetches a model, whole or not at all.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `IO` with what the server said · `INVALID_MODEL` for one that is
 *   too large · the signal's reason
 */
export async function fetchModel(
  url: URL,
  { maxBytes, signal }: FetchOptions,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const address = withoutSecrets(url);
  try {
    const answer = await fetch(...toRequest(url, signal));
    if (!answer.ok) throw describeStatus(address, answer);
    return { name: nameOf(url), bytes: await readBody(answer, { address, maxBytes }) };
  } catch (error) {
    signal?.throwIfAborted();
    if (isAlexNetError(error)) throw error;
    throw new AlexNetError('IO', {
      message: `${address} could not be fetched: ${describeFailure(error)}.`,
      hint: 'Check the address and the connection, or download the file and give its path.',
      path: [address],
      cause: error,
    });
  }
}

/** fetch refuses addresses with a user in them: that goes into a header. */
function toRequest(url: URL, signal: AbortSignal | undefined): [url: URL, init: RequestInit] {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const headers =
    user === ':' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
  return [bare, { headers, ...(signal ? { signal } : {}) }];
}

/** The body, checked against its announced length: a cut connection is not always an error. */
async function readBody(
  { body, headers }: Response,
  { address, maxBytes }: { readonly address: string; readonly maxBytes: number },
): Promise<Uint8Array> {
  // A length is that of the bytes on the way, which a compressed answer has fewer of.
  const isPlain = headers.get('content-encoding') === null;
  const announced = isPlain ? Number(headers.get('content-length') ?? Number.NaN) : Number.NaN;
  if (announced > maxBytes) throw createTooLargeError(address, announced, maxBytes);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > maxBytes) throw createTooLargeError(address, length, maxBytes);
    parts.push(part);
  }
  if (Number.isFinite(announced) && length !== announced) {
    throw new AlexNetError('IO', {
      message: `${address} ended after ${length} of ${announced} bytes.`,
      hint: 'Try again: the connection was cut.',
      path: [address],
    });
  }
  return Buffer.concat(parts, length);
}

function describeStatus(address: string, { status, statusText }: Response): AlexNetError {
  return new AlexNetError(status === 404 || status === 410 ? 'NOT_FOUND' : 'IO', {
    message: `${address} was answered with ${status} ${statusText}.`.replace(' .', '.'),
    hint: 'Check the address, and whether it wants a login.',
    path: [address],
  });
}

function createTooLargeError(address: string, bytes: number, maxBytes: number): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `${address} has ${bytes} bytes or more; an ONNX file has at most ${maxBytes}.`,
    hint: 'Is this the right address?',
    path: [address],
  });
}

/** fetch itself only says "fetch failed"; why is in the cause. */
function describeFailure(error: unknown): string {
  const inner = error instanceof Error ? error.cause : undefined;
  return inner === undefined ? messageOf(error) : messageOf(inner);
}

/** Addresses go into messages and logs: without user, password and query. */
function withoutSecrets(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`.slice(0, 200);
}

function nameOf({ pathname, host }: URL): string {
  return pathname.split('/').at(-1) || host;
}
