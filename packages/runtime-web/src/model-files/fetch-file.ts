import { type AlexNetError, isAlexNetError, messageOf } from '@alexnet/core';
import { describeAnswer } from './answer.ts';
import { type FileCache, openFileCache, type UrlEntry } from './file-cache.ts';
import { readBody } from './read-body.ts';
import { readValidators, requestFile, requestNewer } from './request.ts';
import { canHash, checkSha256, hashBytes } from './sha256.ts';
import { takeTurn } from './take-turn.ts';

export interface FetchOptions {
  /** In hexadecimal. With it a cached file is taken without asking the server. */
  readonly sha256?: string | undefined;
  /** The file's size, where it is known. */
  readonly expectedBytes?: number | undefined;
  /** Whether the browser's cache is read and written. */
  readonly useCache: boolean;
  readonly onBytes?: ((loadedBytes: number, totalBytes: number | null) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Looks at what came from the network before it is kept, and throws if it is not what it should be.
   *
   * @param answer - what the server sent, in words
   */
  readonly inspect?: ((bytes: Uint8Array, answer: string) => void) | undefined;
}

export interface FetchedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `null` on pages over plain http, where browsers compute no digests. */
  readonly sha256: string | null;
  readonly from: 'network' | 'cache';
  /** Why from there. */
  readonly reason: string;
}

interface Job extends FetchOptions {
  readonly url: URL;
  readonly cache: FileCache;
  readonly startedAtMs: number;
}

/**
 * Fetches a file once: from the browser's cache where that is right, else from the network, and then into the cache.
 * Tabs that want the same file at a time share one download.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `IO` · `INVALID_MODEL` if the SHA-256 is another · `UNSUPPORTED` if one is
 *   given and cannot be computed here · the signal's reason
 */
export async function fetchFile(url: URL, options: FetchOptions): Promise<FetchedFile> {
  const { sha256, useCache, signal } = options;
  if (sha256 !== undefined && !canHash()) checkSha256(url.href, null, sha256);
  const isKept = useCache && url.protocol.startsWith('http');
  const cache = isKept ? await openFileCache() : null;
  if (!cache) {
    const reason = isKept ? 'this page has no cache, as those over plain http' : 'it is not kept';
    return download(await requestFile(url, signal), { ...options, url, reason });
  }
  const job = { ...options, url, cache, startedAtMs: Date.now() };
  return takeTurn(`alexnet ${sha256 ?? url.href}`, signal, () =>
    sha256 === undefined ? fetchByUrl(job) : fetchBySha256(job, sha256),
  );
}

async function fetchBySha256(job: Job, sha256: string): Promise<FetchedFile> {
  const kept = await job.cache.readContent(sha256);
  if (kept instanceof Uint8Array) {
    reportAll(job, kept);
    return { bytes: kept, sha256, from: 'cache', reason: 'its SHA-256 was given' };
  }
  const reason = kept === 'missing' ? 'it was not in the cache' : ALTERED;
  return downloadAndStore(await requestFile(job.url, job.signal), { ...job, reason });
}

async function fetchByUrl(job: Job): Promise<FetchedFile> {
  const { url, cache, startedAtMs } = job;
  const entry = await cache.readEntry(url);
  const kept = entry ? await cache.readContent(entry.sha256) : 'missing';
  if (!entry || !(kept instanceof Uint8Array)) {
    const reason = kept === 'altered' ? ALTERED : 'it was not in the cache';
    return downloadAndStore(await requestFile(url, job.signal), { ...job, reason });
  }
  const takeKept = (reason: string): FetchedFile => {
    reportAll(job, kept);
    return { bytes: kept, sha256: entry.sha256, from: 'cache', reason };
  };
  if (entry.storedAtMs >= startedAtMs) return takeKept('another tab has just fetched it');
  const newer = await requestNewer(url, entry, job.signal).catch((error: unknown) => {
    if (isUnreachable(error)) return error;
    throw error;
  });
  if (isAlexNetError(newer)) return takeKept(`the server was not reached: ${newer.message}`);
  if (newer === null) return takeKept('the server says that it has not changed');
  const isVersioned = entry.etag !== null || entry.lastModified !== null;
  const reason = isVersioned
    ? 'the server has another version'
    : 'the server does not say whether it has changed';
  return downloadAndStore(newer, { ...job, reason });
}

/** `fetch` throws a TypeError where there is no answer. */
function isUnreachable(error: unknown): error is AlexNetError {
  return isAlexNetError(error) && error.cause instanceof TypeError;
}

const ALTERED = 'the cached copy had been altered: its SHA-256 was another';

type DownloadOptions = Omit<FetchOptions, 'useCache'> & {
  readonly url: URL;
  readonly reason: string;
};

async function download(response: Response, options: DownloadOptions): Promise<FetchedFile> {
  const bytes = await readBody(response, options);
  options.inspect?.(bytes, describeAnswer(response, bytes));
  const sha256 = canHash() ? await hashBytes(bytes) : null;
  if (options.sha256 !== undefined) checkSha256(options.url.href, sha256, options.sha256);
  return { bytes, sha256, from: 'network', reason: options.reason };
}

async function downloadAndStore(
  response: Response,
  options: DownloadOptions & Pick<Job, 'cache'>,
): Promise<FetchedFile> {
  const file = await download(response, options);
  const { url, cache } = options;
  if (file.sha256 === null) return file;
  const entry: UrlEntry = {
    ...readValidators(response),
    sha256: file.sha256,
    storedAtMs: Date.now(),
  };
  try {
    await cache.writeContent(file.sha256, file.bytes);
    await cache.writeEntry(url, entry);
    return file;
  } catch (error) {
    // Without room in the cache the model still runs; whoever asks finds out why it is fetched again next time.
    return { ...file, reason: `${file.reason}; it could not be kept: ${messageOf(error)}` };
  }
}

function reportAll({ onBytes }: FetchOptions, { length }: Uint8Array): void {
  onBytes?.(length, length);
}
