import type { HttpClient, HttpResponse } from './http-client.ts';
import { explainFailure, getWithRedirects } from './http-get.ts';
import type { PartialFile } from './partial-file.ts';

/** What became of one attempt. `cut` may go better the next time, `refused` will not. */
export type TransferOutcome =
  | { readonly kind: 'whole' }
  | { readonly kind: 'cut' | 'refused'; readonly reason: string };

export interface TransferOptions {
  readonly client: HttpClient;
  readonly address: string;
  /** Of the whole file. */
  readonly expectedBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Called for each piece that came. */
  readonly onBytes: (sizeBytes: number) => void;
}

/**
 * Fetches what is still missing of a file, or all of it where the server no longer has the same or cannot begin in the
 * middle. Not a byte more than the published size is written.
 *
 * @throws what writing throws; if the signal says so
 */
export async function transfer(
  part: PartialFile,
  { client, address, expectedBytes, signal, onBytes }: TransferOptions,
): Promise<TransferOutcome> {
  if (part.sizeBytes === expectedBytes) return { kind: 'whole' };
  if (part.sizeBytes > expectedBytes || part.validator === null) await part.restart(null);
  const offset = part.sizeBytes;
  const headers = { 'user-agent': 'alexnet-weights', 'accept-encoding': 'identity' };
  const range = { range: `bytes=${offset}-`, 'if-range': part.validator ?? '' };
  const answer = await getWithRedirects(client, address, {
    headers: offset > 0 ? { ...headers, ...range } : headers,
    signal,
  });
  if (answer.kind !== 'response') return answer;
  const { response } = answer;
  const objection = await begin(part, response, { offset, expectedBytes });
  if (objection) {
    response.discard();
    return objection;
  }
  return receive(part, response, { address, expectedBytes, signal, onBytes });
}

interface Begin {
  readonly offset: number;
  readonly expectedBytes: number;
}

/** Makes the file ready for what the response brings. @returns why it is not wanted */
async function begin(
  part: PartialFile,
  { status, headers }: HttpResponse,
  { offset, expectedBytes }: Begin,
): Promise<TransferOutcome | null> {
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    return { kind: 'refused', reason: `the server packs the file (${encoding})` };
  }
  if (status === 200) {
    const length = headers.get('content-length');
    if (length !== undefined && Number(length) !== expectedBytes) {
      return { kind: 'refused', reason: explainLength(length, headers, expectedBytes) };
    }
    await part.restart(findValidator(headers));
    return null;
  }
  if (offset > 0 && (status === 206 || status === 416)) {
    if (status === 206 && fits(headers.get('content-range'), offset, expectedBytes)) return null;
    await part.restart(null);
    return { kind: 'cut', reason: 'the server offers another part than was asked for' };
  }
  return {
    kind: isPassing(status) ? 'cut' : 'refused',
    reason: `the server answers ${status}${MEANINGS[status] ?? ''}`,
  };
}

const MEANINGS: Readonly<Record<number, string>> = {
  401: ' (it wants a password)',
  403: ' (not allowed)',
  404: ' (there is no such file)',
  407: ' (the proxy wants a password)',
  410: ' (the file is gone)',
  429: ' (too many requests)',
  503: ' (not available for now)',
};

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function explainLength(
  length: string,
  headers: ReadonlyMap<string, string>,
  expectedBytes: number,
): string {
  const isPage = headers.get('content-type')?.startsWith('text/html') === true;
  return isPage
    ? 'the server sends a web page in place of the file'
    : `the server offers ${length} bytes, ${expectedBytes} are published`;
}

/** Whether a part begins where it was asked to, of a file as long as the published one. */
function fits(range: string | undefined, offset: number, expectedBytes: number): boolean {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range ?? '') ?? [];
  return Number(start) === offset && (total === '*' || Number(total) === expectedBytes);
}

/** What the server recognises the file by: a strong ETag, else its date. */
function findValidator(headers: ReadonlyMap<string, string>): string | null {
  const etag = headers.get('etag');
  if (etag?.startsWith('"')) return etag;
  return headers.get('last-modified') ?? null;
}

async function receive(
  part: PartialFile,
  response: HttpResponse,
  {
    address,
    expectedBytes,
    signal,
    onBytes,
  }: Pick<TransferOptions, 'address' | 'expectedBytes' | 'signal' | 'onBytes'>,
): Promise<TransferOutcome> {
  const chunks = response.body[Symbol.asyncIterator]();
  for (;;) {
    // Apart from the writing below, so that only what the network does counts as a cut.
    const next = await chunks.next().catch((error: unknown) => {
      signal?.throwIfAborted();
      return { cut: explainFailure(error, new URL(address)) };
    });
    if ('cut' in next) return { kind: 'cut', reason: next.cut };
    if (next.done) break;
    if (part.sizeBytes + next.value.length > expectedBytes) {
      response.discard();
      await part.restart(null);
      return { kind: 'refused', reason: `the server sends more than ${expectedBytes} bytes` };
    }
    await part.append(next.value);
    onBytes(part.sizeBytes);
  }
  if (part.sizeBytes === expectedBytes) return { kind: 'whole' };
  return {
    kind: 'cut',
    reason: `the server ended after ${part.sizeBytes} of ${expectedBytes} bytes`,
  };
}
