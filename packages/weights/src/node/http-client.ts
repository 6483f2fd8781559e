import { AlexNetError } from '@alexnet/core';
import type { Dispatcher } from 'undici';
import type { Environment } from './weights-folder.ts';

/** The HTTP client; this is the only file that knows where it comes from. */
export type UndiciModule = Pick<typeof import('undici'), 'EnvHttpProxyAgent' | 'request'>;

/** The head of an answer, and its body to be read. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets the connection go without reading the body to its end. */
  discard(): void;
}

export interface HttpClient {
  /** Follows no redirect. @throws what the network throws */
  get(url: URL, request: HttpRequest): Promise<HttpResponse>;
  /** Ends all connections. */
  close(): Promise<void>;
}

interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Longest wait for a connection. */
const CONNECT_MS = 20_000;

export interface HttpClientOptions {
  /** Proxies are read from it: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, in upper or lower case. */
  readonly environment: Environment;
  /** Longest silence of a server, before its answer and within it. */
  readonly silenceMs: number;
}

/**
 * Opens an HTTP client that goes through the proxies of the environment. Node's own `fetch` does not before
 * Node 24, and only if told to.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a proxy that is no address; `MISSING_DEPENDENCY`
 */
export async function openHttpClient(
  { environment, silenceMs }: HttpClientOptions,
  importUndici: () => Promise<UndiciModule> = () => import('undici'),
): Promise<HttpClient> {
  const { EnvHttpProxyAgent, request } = await loadUndici(importUndici);
  const all = readProxy(environment, 'ALL_PROXY');
  const httpProxy = readProxy(environment, 'HTTP_PROXY') || all;
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy,
    httpsProxy: readProxy(environment, 'HTTPS_PROXY') || all || httpProxy,
    noProxy: readVariable(environment, 'NO_PROXY'),
    // Many proxies refuse tunnels to port 80; a plain request is asked of the proxy itself.
    proxyTunnel: false,
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    connect: { timeout: Math.min(silenceMs, CONNECT_MS) },
  });
  return {
    get: async (url, { headers, signal }) => {
      const response = await request(url, {
        dispatcher,
        headers,
        ...(signal ? { signal } : {}),
      });
      return toResponse(response);
    },
    close: () => dispatcher.destroy(),
  };
}

function toResponse({ statusCode, headers, body }: Dispatcher.ResponseData): HttpResponse {
  // A body that is let go tells of it as an error, which nobody waits for.
  body.on('error', () => {});
  return {
    status: statusCode,
    headers: new Map(
      Object.entries(headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
      ),
    ),
    body,
    discard: () => void body.destroy(),
  };
}

async function loadUndici(importUndici: () => Promise<UndiciModule>): Promise<UndiciModule> {
  try {
    return await importUndici();
  } catch (cause) {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: 'Weights are fetched by "undici", which is not installed.',
      hint: 'npm install undici',
      cause,
    });
  }
}

function readVariable(environment: Environment, name: string): string {
  return (environment[name.toLowerCase()] || environment[name] || '').trim();
}

/** `proxy.example:3128` is meant as `http://proxy.example:3128`, as everywhere. */
function readProxy(environment: Environment, name: string): string {
  const value = readVariable(environment, name);
  if (value === '') return '';
  const address = /^[a-z][a-z0-9]*:\/\//i.test(value) ? value : `http://${value}`;
  const protocol = URL.canParse(address) ? new URL(address).protocol : '';
  if (['http:', 'https:', 'socks5:', 'socks:'].includes(protocol)) return address;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${name} names no proxy: "${hidePassword(value)}".`,
    hint: `It is the address of one: ${name}=http://proxy.example:3128 (http, https or socks5).`,
  });
}

/** An address as it may be shown. */
export function hidePassword(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/@]*@/i, '$1***@');
}
