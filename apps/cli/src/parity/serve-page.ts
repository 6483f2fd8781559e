import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

export interface ServedPage {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  close(): Promise<void>;
}

export interface PageFiles {
  /** By path: `/model.onnx`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Served below `/onnxruntime/`. */
  readonly onnxruntimeFolder: string;
}

const EMPTY_PAGE = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">';
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
};
/** With these a page may share memory between its threads. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Serves an empty page and some files on 127.0.0.1, to this machine alone. */
export async function servePage({ files, onnxruntimeFolder }: PageFiles): Promise<ServedPage> {
  const read = async (path: string): Promise<Uint8Array | string | null> => {
    if (path === '/') return EMPTY_PAGE;
    if (!path.startsWith('/onnxruntime/')) return files.get(path) ?? null;
    return readFile(join(onnxruntimeFolder, basename(path))).catch(() => null);
  };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const body = await read(pathname);
    const type = TYPES[pathname === '/' ? 'html' : (pathname.split('.').at(-1) ?? '')];
    response.writeHead(body === null ? 404 : 200, {
      ...ISOLATION,
      'Content-Type': type ?? 'application/octet-stream',
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : address;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
