import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { onTestFinished } from 'vitest';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface ServedFiles {
  /** A folder for each beginning of a path: `{ '/models/': '/tmp/models' }`. The longest counts. */
  readonly folders?: Readonly<Record<string, string>>;
  /** What answers a path; comes before the folders. */
  readonly routes?: Readonly<Record<string, Handler>>;
  /** Sends the headers COOP and COEP, with which a page may share memory with its workers. */
  readonly isIsolated?: boolean;
}

export interface FileServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Method and path of each request so far: `GET /index.html`. */
  readonly requests: readonly string[];
  /** Ends it, open connections too: what comes after finds nobody there. */
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const EMPTY_PAGE = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">';

/** An answer that is whole: `{ '/entry.js': respond('text/javascript', code) }`. */
export function respond(type: string, body: string | Uint8Array): Handler {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  };
}

/**
 * Serves files on 127.0.0.1 until the test is over. `/` is an empty page, unless told otherwise;
 * what is not there is a 404 of text.
 */
export async function serve(files: ServedFiles = {}): Promise<FileServer> {
  const requests: string[] = [];
  const routes = new Map<string, Handler>(
    Object.entries({ '/': respond('text/html', EMPTY_PAGE), ...files.routes }),
  );
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://127.0.0.1').pathname);
    requests.push(`${request.method} ${path}`);
    if (files.isIsolated) {
      for (const [name, value] of Object.entries(ISOLATION)) response.setHeader(name, value);
    }
    const route = routes.get(path);
    if (route) route(request, response);
    else void sendFile(response, findFile(path, files.folders ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { url: `http://127.0.0.1:${address.port}`, requests, close };
}

function findFile(path: string, folders: Readonly<Record<string, string>>): string | null {
  const prefixes = Object.keys(folders).filter((prefix) => path.startsWith(prefix));
  const prefix = prefixes.sort((a, b) => b.length - a.length)[0];
  const folder = prefix === undefined ? undefined : folders[prefix];
  if (prefix === undefined || folder === undefined) return null;
  const inside = normalize(path.slice(prefix.length));
  return inside.split(sep).includes('..') ? null : join(folder, inside);
}

async function sendFile(response: ServerResponse, path: string | null): Promise<void> {
  const stats = path === null ? null : await stat(path).catch(() => null);
  if (path === null || !stats?.isFile()) {
    response.writeHead(404, { 'Content-Type': 'text/plain' });
    response.end('not found');
    return;
  }
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': stats.size });
  createReadStream(path).pipe(response);
}
