import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOnnxFile } from '@alexnet/export/node';
import type { JSHandle, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  type BuiltRuntime,
  buildRuntime,
  miniBytes,
  miniModel,
  openRuntime,
  openRuntimePage,
  type RuntimeWeb,
} from './runtime-page.ts';
import { type Handler, respond, serve } from './serve.ts';

const SHA256 = createHash('sha256').update(miniBytes).digest('hex');
const MODEL_TYPE = 'application/octet-stream';

let built: BuiltRuntime;
beforeAll(async () => {
  built = await buildRuntime();
});
afterAll(() => built?.remove());

interface Loaded {
  readonly download?: unknown;
  readonly sha256?: string | undefined;
  readonly progress?: readonly { loadedBytes: number; totalBytes: number | null }[];
  readonly error?: string;
  readonly hint?: string | undefined;
}

interface Load {
  readonly url?: string;
  readonly sha256?: string;
  readonly cache?: boolean;
}

/** Loads and frees a model, and says where it came from or what was wrong. */
function load(web: JSHandle<RuntimeWeb>, options: Load = {}): Promise<Loaded> {
  return web.evaluate(async ({ loadModel }, { url = 'mini.onnx', ...rest }) => {
    const progress: { loadedBytes: number; totalBytes: number | null }[] = [];
    const onProgress = (step: (typeof progress)[number]) => progress.push(step);
    try {
      const model = await loadModel(url, { device: 'wasm', onProgress, ...rest });
      const { download, sha256 } = model.info;
      await model.dispose();
      return { download, sha256, progress };
    } catch (error) {
      const { code, message, hint } = error as { code: string; message: string; hint?: string };
      return { error: `${code}: ${message}`, hint };
    }
  }, options);
}

const countKept = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const keys = await (await caches.open('alexnet-models-1')).keys();
    return keys.filter(({ url }) => url.includes('/sha256/')).length;
  });

/** Answers with the bytes of a version, or that it has not changed. */
function versioned(version: () => { readonly etag: string; readonly bytes: Uint8Array }): Handler {
  return (request, response) => {
    const { etag, bytes } = version();
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { ETag: etag }).end();
    } else {
      const headers = { 'Content-Type': MODEL_TYPE, 'Content-Length': bytes.length, ETag: etag };
      response.writeHead(200, headers).end(bytes);
    }
  };
}

test('a model is fetched once, with progress, asked about, and used offline', async (context) => {
  let version = { etag: '"one"', bytes: miniBytes };
  const routes = { '/mini.onnx': versioned(() => version) };
  const { page, web, server } = await openRuntimePage(context, built, { routes });
  const url = `${server.url}/mini.onnx`;
  const asked = () => server.requests.filter((request) => request === 'GET /mini.onnx').length;

  const first = await load(web);
  expect(first).toMatchObject({
    download: { url, from: 'network', reason: 'it was not in the cache' },
    sha256: SHA256,
  });
  const steps = first.progress?.map(({ loadedBytes }) => loadedBytes) ?? [];
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  expect(first.progress?.[0]).toEqual({ loadedBytes: 0, totalBytes: miniBytes.length });
  expect(first.progress?.at(-1)).toEqual({
    loadedBytes: miniBytes.length,
    totalBytes: miniBytes.length,
  });
  const second = await load(web);
  expect(second.download).toMatchObject({
    from: 'cache',
    reason: 'the server says that it has not changed',
  });
  expect(second.sha256).toBe(SHA256);
  expect(asked()).toBe(2);
  const known = await load(web, { sha256: SHA256 });
  expect(known.download).toMatchObject({ from: 'cache', reason: 'its SHA-256 was given' });
  expect(asked()).toBe(2);

  // One metadata entry more: another file, as valid as the first.
  version = {
    etag: '"two"',
    bytes: Uint8Array.from([...miniBytes, 0x72, 0x04, 0x0a, 0x02, 0x61, 0x62]),
  };
  const newer = await load(web);
  expect(newer.download).toMatchObject({
    from: 'network',
    reason: 'the server has another version',
  });
  expect(newer.sha256).toBe(createHash('sha256').update(version.bytes).digest('hex'));
  expect(await countKept(page)).toBe(1);
  expect((await load(web, { cache: false })).download).toMatchObject({ from: 'network' });

  await server.close();
  const offline = await load(web);
  expect(offline).toMatchObject({ download: { from: 'cache' }, sha256: newer.sha256 });
  expect(offline.download).toHaveProperty('reason', expect.stringMatching(/not reached/));
  expect((await load(web, { sha256: newer.sha256 ?? '' })).download).toMatchObject({
    from: 'cache',
  });
  expect((await load(web, { url: 'other.onnx' })).error).toMatch(
    /^IO: .*other\.onnx cannot be fetched/,
  );
  expect(await web.evaluate(({ clearModelCache }) => clearModelCache())).toBe(true);
  expect((await load(web)).error).toMatch(/^IO: .*mini\.onnx cannot be fetched/);
});

test('what is cut, another file, or of another origin is refused, and not kept', async (context) => {
  const half = miniBytes.subarray(0, miniBytes.length / 2);
  const send =
    (start: (response: ServerResponse) => void): Handler =>
    (_, response) =>
      start(response);
  const elsewhere = await serve({ routes: { '/mini.onnx': respond(MODEL_TYPE, miniBytes) } });
  const shared = await serve({
    routes: {
      '/mini.onnx': send((response) => {
        response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end(miniBytes);
      }),
    },
  });
  const { page, web, server } = await openRuntimePage(context, built, {
    routes: {
      '/broken.onnx': send((response) => {
        response.writeHead(200, { 'Content-Length': miniBytes.length });
        response.write(half, () => setTimeout(() => response.destroy(), 100));
      }),
      '/half.onnx': respond(MODEL_TYPE, half),
      '/page.onnx': respond('text/html', '<!doctype html><title>My site</title>'),
      '/picture.onnx': respond('image/png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3)),
      '/gone.onnx': send((response) => response.writeHead(503).end('down for repair')),
    },
  });
  const total = miniBytes.length;
  const cases: readonly (readonly [Load, RegExp])[] = [
    [
      { url: 'broken.onnx' },
      new RegExp(
        `^IO: The download of ${server.url}/broken\\.onnx broke off after \\d+ of ${total} bytes: `,
      ),
    ],
    [{ url: 'half.onnx' }, /^INVALID_MODEL: .*half\.onnx: .*not a readable ONNX model.*at byte/],
    [
      { url: 'page.onnx' },
      /^INVALID_MODEL: .*page\.onnx: .* but a text\. The server answered 200 OK, text\/html, beginning with "<!doctype html>/,
    ],
    [{ url: 'picture.onnx' }, /^INVALID_MODEL: .* but a PNG picture\. .*image\/png/],
    [
      { url: 'gone.onnx' },
      /^IO: .*answered 503 Service Unavailable, no content type, beginning with "down for repair"/,
    ],
    [{ url: 'none.onnx' }, /^NOT_FOUND: .*none\.onnx cannot be fetched: the server answered 404/],
    [
      { sha256: 'ab'.repeat(32) },
      new RegExp(`^INVALID_MODEL: .*has the SHA-256 ${SHA256}, but (ab){32} is expected`),
    ],
    [
      { url: `${elsewhere.url}/mini.onnx` },
      /^IO: .*its server answers, but does not let pages of another origin read it \(CORS\)/,
    ],
    [{ url: 'file:///mini.onnx' }, /^INVALID_ARGUMENT: "file:\/\/\/mini\.onnx" is no address/],
  ];
  for (const [options, expected] of cases) {
    const { error, hint } = await load(web, options);
    expect(error).toMatch(expected);
    expect(hint).toMatch(/./);
  }
  expect(await countKept(page)).toBe(0);
  expect(await load(web, { url: `${shared.url}/mini.onnx` })).toMatchObject({ sha256: SHA256 });
});

test('an altered copy is noticed and fetched again', async (context) => {
  const { page, web, server } = await openRuntimePage(context, built);
  const alter = () =>
    page.evaluate(async () => {
      const cache = await caches.open('alexnet-models-1');
      const key = (await cache.keys()).find(({ url }) => url.includes('/sha256/'));
      if (!key) throw new Error('nothing kept');
      const bytes = new Uint8Array(
        (await (await cache.match(key))?.arrayBuffer()) ?? new ArrayBuffer(),
      );
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      await cache.put(key, new Response(bytes));
    });
  await load(web);
  for (const options of [{}, { sha256: SHA256 }]) {
    await alter();
    expect(await load(web, options)).toMatchObject({
      sha256: SHA256,
      download: {
        from: 'network',
        reason: 'the cached copy had been altered: its SHA-256 was another',
      },
    });
  }
  await alter();
  await server.close();
  expect((await load(web, { sha256: SHA256 })).error).toMatch(/^IO: /);
});

test('two tabs share one download', async (context) => {
  const { page, web, server } = await openRuntimePage(context, built, {
    routes: {
      '/mini.onnx': (_, response) => {
        setTimeout(() => response.writeHead(200).end(miniBytes), 300);
      },
    },
  });
  const other = await openRuntime(await page.context().newPage(), server);
  const [first, second] = await Promise.all([load(web), load(other)]);
  expect(new Set([first.sha256, second.sha256])).toEqual(new Set([SHA256]));
  expect(server.requests.filter((request) => request.endsWith('/mini.onnx'))).toHaveLength(1);
  const reasons = [first, second].map(({ download }) => (download as { reason: string }).reason);
  expect(reasons.sort()).toEqual(['another tab has just fetched it', 'it was not in the cache']);
});

test('weights beside the model come side by side, each checked and kept', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-shards-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { files } = await writeOnnxFile(join(folder, 'mini.onnx'), miniModel, {
    externalData: true,
    shardSizeBytes: 200_000,
  });
  const shards = readdirSync(folder).filter((name) => name !== 'mini.onnx');
  expect(files?.length).toBeGreaterThan(2);
  expect(shards).toHaveLength(files?.length ?? 0);
  let running = 0;
  let most = 0;
  let damaged = '';
  const sendShard =
    (name: string): Handler =>
    (_, response) => {
      running += 1;
      most = Math.max(most, running);
      const bytes = readFileSync(join(folder, name));
      if (name === damaged) bytes[100] = (bytes[100] ?? 0) ^ 1;
      setTimeout(() => {
        running -= 1;
        response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes);
      }, 50);
    };
  const { page, web, server } = await openRuntimePage(context, built, {
    routes: {
      '/split/mini.onnx': respond(MODEL_TYPE, readFileSync(join(folder, 'mini.onnx'))),
      ...Object.fromEntries(shards.map((name) => [`/split/${name}`, sendShard(name)])),
    },
  });
  damaged = shards[1] ?? '';
  expect((await load(web, { url: 'split/mini.onnx' })).error).toMatch(
    new RegExp(`^INVALID_MODEL: .*${damaged} has the SHA-256 `),
  );
  damaged = '';
  const whole = await load(web, { url: 'split/mini.onnx' });
  expect(whole.download).toMatchObject({ url: `${server.url}/split/mini.onnx` });
  expect(most).toBeGreaterThan(1);
  const bytes = (files ?? []).reduce((sum, file) => sum + file.bytes, 0);
  expect(whole.progress?.at(-1)?.loadedBytes).toBe(
    readFileSync(join(folder, 'mini.onnx')).length + bytes,
  );
  expect(whole.progress?.at(-1)?.totalBytes).toBe(whole.progress?.at(-1)?.loadedBytes);
  const before = server.requests.length;
  const same = await web.evaluate(async ({ loadModel }) => {
    const models = [await loadModel('split/mini.onnx'), await loadModel('mini.onnx')] as const;
    const [split, plain] = await Promise.all(
      models.map(async (model) => (await model.logits(['pictures/rgb.png']))[0]),
    );
    for (const model of models) await model.dispose();
    return String(split) === String(plain) && split?.length === 7;
  });
  expect(same).toBe(true);
  const later = server.requests.slice(before);
  expect(later.filter((request) => shards.some((name) => request.endsWith(name)))).toEqual([]);
  expect(await countKept(page)).toBe(shards.length + 2);
  const blob = await web.evaluate(async ({ loadModel }) => {
    const file = await (await fetch('split/mini.onnx')).blob();
    return loadModel(file).then(
      () => '',
      ({ message }) => message,
    );
  });
  expect(blob).toMatch(/keeps its weights in \d files beside it/);
});

test('a page over plain http has no cache, no digests and no WebGPU, and works', async (context) => {
  const { page, web } = await openRuntimePage(context, built, { host: 'plain.test', webgpu: true });
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  for (const worker of [false, true]) {
    const found = await web.evaluate(async ({ loadModel }, inWorker) => {
      const model = await loadModel('mini.onnx', { worker: inWorker });
      const [best] = await model.classify('pictures/rgba.png', { topK: 1 });
      const { device, deviceReason, download, sha256 } = model.info;
      await model.dispose();
      return { label: best?.label, device, deviceReason, download, sha256 };
    }, worker);
    expect(found).toEqual({
      label: expect.stringMatching(/^kind \d$/),
      device: 'wasm',
      deviceReason: 'auto: no WebGPU, this page is not served over https',
      download: expect.objectContaining({
        from: 'network',
        reason: 'this page has no cache, as those over plain http',
      }),
      sha256: undefined,
    });
  }
  const { error, hint } = await load(web, { sha256: SHA256 });
  expect(error).toMatch(/^UNSUPPORTED: The SHA-256 of http:\/\/plain\.test.* cannot be checked/);
  expect(hint).toMatch(/https/);
});

test('a download ends with its signal', async (context) => {
  let isClosed = false;
  const { web } = await openRuntimePage(context, built, {
    routes: {
      '/mini.onnx': (request, response) => {
        request.on('close', () => {
          isClosed = true;
        });
        response.writeHead(200, { 'Content-Length': miniBytes.length });
        response.write(miniBytes.subarray(0, 1000));
      },
    },
  });
  for (const worker of [false, true]) {
    isClosed = false;
    const reason = await web.evaluate(async ({ loadModel }, inWorker) => {
      const controller = new AbortController();
      const onProgress = () => controller.abort('enough');
      const options = { worker: inWorker, signal: controller.signal, onProgress };
      return loadModel('mini.onnx', options).catch((error: unknown) => error);
    }, worker);
    expect(reason).toBe('enough');
    await expect.poll(() => isClosed).toBe(true);
  }
});
