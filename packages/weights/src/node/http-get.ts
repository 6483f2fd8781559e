import { isAlexNetError, messageOf } from '@alexnet/core';
import { type HttpClient, type HttpResponse, hidePassword } from './http-client.ts';

/** Redirects that are followed; hubs need two or three. */
const MAX_REDIRECTS = 5;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** What became of a request. `cut` may go better the next time, `refused` will not. */
export type Answer =
  | { readonly kind: 'response'; readonly response: HttpResponse }
  | { readonly kind: 'cut' | 'refused'; readonly reason: string };

interface GetRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks for an address, follows redirects, and tells in words what went wrong. From https it never goes to http;
 * a password in the address stays with its server.
 *
 * @throws if the signal says so
 */
export async function getWithRedirects(
  client: HttpClient,
  address: string,
  { headers, signal }: GetRequest,
): Promise<Answer> {
  const first = new URL(address);
  const authorization = basicAuthorization(first);
  const visited: string[] = [];
  for (let url = first; visited.length <= MAX_REDIRECTS; ) {
    visited.push(url.host);
    const own = url.origin === first.origin ? authorization : {};
    const answer = await get(client, withoutUser(url), { headers: { ...headers, ...own }, signal });
    if (answer.kind !== 'response') return answer;
    const { response } = answer;
    if (!REDIRECTS.has(response.status)) return answer;
    response.discard();
    const next = resolveLocation(response.headers.get('location'), url);
    if (typeof next === 'string') return { kind: 'refused', reason: next };
    url = next;
  }
  return {
    kind: 'refused',
    reason: `more than ${MAX_REDIRECTS} redirects: ${visited.join(' → ')}`,
  };
}

async function get(client: HttpClient, url: URL, request: GetRequest): Promise<Answer> {
  try {
    return { kind: 'response', response: await client.get(url, request) };
  } catch (error) {
    request.signal?.throwIfAborted();
    if (isAlexNetError(error)) throw error;
    return { kind: isWorthRetrying(error) ? 'cut' : 'refused', reason: explainFailure(error, url) };
  }
}

/** @returns why not, if it is not to be followed */
function resolveLocation(location: string | undefined, from: URL): URL | string {
  if (!location) return `${from.host} redirects to nowhere`;
  if (!URL.canParse(location, from.href)) return `${from.host} redirects to no address`;
  const to = new URL(location, from);
  if (to.protocol === 'https:') return to;
  if (to.protocol !== 'http:') return `${from.host} redirects to ${to.protocol}, not to https`;
  if (from.protocol === 'https:') {
    return `${from.host} redirects from https to http (${to.host}), where anyone on the way could change the file`;
  }
  return to;
}

function basicAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(plain).toString('base64')}` };
}

function withoutUser(url: URL): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}

/** Failures of a moment: what had been a connection is gone, or is silent. */
const PASSING = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

function isWorthRetrying(error: unknown): boolean {
  return PASSING.has(codeOf(error));
}

/** Why there was no answer, or no end of it: `no connection to example.org (ECONNREFUSED)`. */
export function explainFailure(error: unknown, { host }: Pick<URL, 'host'>): string {
  const code = codeOf(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no ${host} from here: is there a connection to the internet? (${code})`;
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no connection to ${host} (${code})`;
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'ETIMEDOUT':
      return `${host} did not answer in time`;
    case 'UND_ERR_BODY_TIMEOUT':
      return `${host} fell silent`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return `${host} broke off`;
    default: {
      const message = messageOf(error);
      return `${host}: ${hidePassword(message)}${code ? ` (${code})` : ''}`;
    }
  }
}

/** Of the error itself or of what caused it; of several attempts at one host, the first's. */
function codeOf(error: unknown): string {
  for (let each = error, depth = 0; each instanceof Error && depth < 4; depth++) {
    if ('code' in each && typeof each.code === 'string') return each.code;
    each = each instanceof AggregateError ? each.errors[0] : each.cause;
  }
  return '';
}
