import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PublishedWeights } from '../published-weights.ts';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  /** Path, or the whole address where the server is asked as a proxy. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface TestServer {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

export type Answerer = (
  request: IncomingMessage,
  response: ServerResponse,
  /** From 0. */
  count: number,
) => void;

/** A web server on this machine, which notes what it is asked. */
export async function serve(answer: Answerer): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  const note = ({ method = '', url = '', headers }: IncomingMessage) => {
    const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
    seen.push({ method, target: url, headers: Object.fromEntries(texts) });
    return seen.length - 1;
  };
  const server = createServer((request, response) => answer(request, response, note(request)));
  server.on('connect', (request, socket) => {
    note(request);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const place = server.address();
  const port = typeof place === 'object' && place !== null ? place.port : 0;
  return {
    address: `http://127.0.0.1:${port}`,
    port,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface FileAnswer {
  readonly etag?: string;
  /** Whether to honour Range, and If-Range with it. */
  readonly ranges?: boolean;
  /** Breaks the connection within the answer. */
  readonly cut?: Cut;
}

export interface Cut {
  /** Bytes of this answer. */
  readonly after: number;
  /** Waits until this file has received them: what a client has not read when a connection breaks is lost. */
  readonly seenIn: string;
}

/** Answers as web servers do that offer one file. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  { etag = '"one"', ranges = true, cut }: FileAnswer = {},
): void {
  const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const isSame = request.headers['if-range'] === etag;
  const start = ranges && isSame && wanted !== undefined ? Number(wanted) : 0;
  response.writeHead(start > 0 ? 206 : 200, {
    etag,
    'content-length': bytes.length - start,
    ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  const rest = bytes.subarray(start);
  if (cut === undefined || cut.after >= rest.length) response.end(rest);
  else void sendAndBreak(response, rest, cut, start);
}

/** @param start - bytes that the client has already */
export async function sendAndBreak(
  response: ServerResponse,
  bytes: Uint8Array,
  { after, seenIn }: Cut,
  start = 0,
): Promise<void> {
  response.write(bytes.subarray(0, after));
  const sizeOf = () => stat(seenIn).then(({ size }) => size);
  while ((await sizeOf().catch(() => 0)) < start + after) await sleep(2);
  response.destroy();
}

/** Bytes that look like no other part of themselves. */
export function makeBytes(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

/** An entry as the catalogue has them, for these bytes at these addresses. */
export function publish(bytes: Uint8Array, addresses: readonly string[]): PublishedWeights {
  const source = 'this test';
  const value = createHash('sha256').update(bytes).digest('hex');
  return {
    id: 'test',
    aliases: [],
    title: 'Weights of a test',
    fileName: 'test.npz',
    addresses: addresses.map((address) => ({ value: address, source })),
    sizeBytes: { value: bytes.length, source },
    checksums: [{ algorithm: 'sha256', value, by: 'publisher', source }],
    licence: { value: 'none', source },
    format: 'npz',
    preset: 'mini',
    preprocessing: 'caffe',
    accuracy: [],
    notes: [],
    unconfirmed: [],
  };
}
