import { AlexNetError, messageOf } from '@alexnet/core';
import { describeAnswer, readStart } from './answer.ts';

/** What a server says to tell one version of a file from another. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly contentLength: string | null;
}

/**
 * Asks for a file; the body of the answer is still to be read. The browser's own HTTP cache is passed by: models have
 * one of their own.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `IO` with the URL and what came back · the signal's reason
 */
export async function requestFile(url: URL, signal?: AbortSignal): Promise<Response> {
  return checkStatus(url, await send(url, { signal: signal ?? null }));
}

/**
 * As {@link requestFile}, where there is a copy already.
 *
 * @param known - validators of the copy
 * @returns `null` if the copy is still right
 */
export async function requestNewer(
  url: URL,
  known: Validators,
  signal?: AbortSignal,
): Promise<Response | null> {
  // To another origin such headers would need the server's leave, asked for by a request of its own.
  const headers = isSameOrigin(url) ? conditionsOf(known) : {};
  const response = await send(url, { headers, signal: signal ?? null });
  if (response.status !== 304 && !isSame(known, readValidators(response))) {
    return checkStatus(url, response);
  }
  await response.body?.cancel();
  return null;
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  return fetch(url, { cache: 'no-store', ...init }).catch(async (cause: unknown) => {
    init.signal?.throwIfAborted();
    throw await explainFailure(url, cause);
  });
}

async function checkStatus(url: URL, response: Response): Promise<Response> {
  if (response.ok) return response;
  throw new AlexNetError(response.status === 404 || response.status === 410 ? 'NOT_FOUND' : 'IO', {
    message: `${url.href} cannot be fetched: the server answered ${describeAnswer(response, await readStart(response))}.`,
    hint: 'Check the address, and that the file lies on the server.',
    path: [url.href],
  });
}

export function readValidators({ headers }: Response): Validators {
  return {
    etag: headers.get('etag'),
    lastModified: headers.get('last-modified'),
    contentLength: headers.get('content-length'),
  };
}

/** A server of another origin may show the date alone, which counts in whole seconds: length is asked for besides. */
function isSame(known: Validators, now: Validators): boolean {
  if (known.etag !== null && now.etag !== null) return known.etag === now.etag;
  return (
    known.lastModified !== null &&
    known.lastModified === now.lastModified &&
    known.contentLength === now.contentLength
  );
}

function conditionsOf({ etag, lastModified }: Validators): Record<string, string> {
  if (etag !== null) return { 'If-None-Match': etag };
  return lastModified === null ? {} : { 'If-Modified-Since': lastModified };
}

function isSameOrigin(url: URL): boolean {
  return url.origin === globalThis.location?.origin;
}

/** `fetch` says "Failed to fetch" whatever was wrong; this finds out what it can. */
async function explainFailure(url: URL, cause: unknown): Promise<AlexNetError> {
  const isOtherOrigin = !isSameOrigin(url);
  if (isOtherOrigin && (await answersWithoutLeave(url))) {
    return new AlexNetError('IO', {
      message: `${url.href} cannot be fetched from ${location.origin}: its server answers, but does not let pages of another origin read it (CORS).`,
      hint: `Have the server send "Access-Control-Allow-Origin: ${location.origin}" (or *), or put the file beside the page.`,
      path: [url.href],
      cause,
    });
  }
  return new AlexNetError('IO', {
    message: `${url.href} cannot be fetched: ${navigator.onLine ? messageOf(cause) : 'the browser is offline'}.`,
    hint: isOtherOrigin
      ? 'Check the address, the connection and the server, which has to send "Access-Control-Allow-Origin".'
      : 'Check the address, the connection and the server.',
    path: [url.href],
    cause,
  });
}

/** An opaque request succeeds where only the server's leave is missing. */
async function answersWithoutLeave(url: URL): Promise<boolean> {
  try {
    await fetch(url, { mode: 'no-cors', method: 'HEAD', cache: 'no-store' });
    return true;
  } catch {
    return false;
  }
}
