import { createHash } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchModel } from './fetch-model.ts';
import { readModelFile } from './model-file.ts';

/** The first bytes of an ONNX file: ir_version 9. */
const MODEL = Uint8Array.of(8, 9, 0x12, 1, 0x61);
const HTML = '<!doctype html><title>Not here</title>';

const answers: Readonly<Record<string, RequestListener>> = {
  '/models/net.onnx': (_, response) => response.end(MODEL),
  '/moved.onnx': (_, response) => response.writeHead(302, { location: '/models/net.onnx' }).end(),
  '/zipped.onnx': (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(MODEL)),
  '/cut.onnx': (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write(MODEL, () => response.destroy());
  },
  '/page.onnx': (_, response) => response.end(HTML),
  '/never.onnx': (_, response) => void response.writeHead(200).write(MODEL),
  '/private.onnx': ({ headers }, response) => {
    const isKnown = headers.authorization === `Basic ${btoa('me:a secret')}`;
    response.writeHead(isKnown ? 200 : 401).end(MODEL);
  },
  '/gone.onnx': (_, response) => response.writeHead(410).end(),
  '/broken.onnx': (_, response) => response.writeHead(503).end(),
};

let server: Server;
let base: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = answers[new URL(request.url ?? '', 'http://a').pathname];
    if (answer) answer(request, response);
    else response.writeHead(404).end(HTML);
  });
  // A machine that stands still for five seconds must not cut what the next test is about to use.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  base = `http://127.0.0.1:${address.port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test.each(['/models/net.onnx', '/moved.onnx', '/zipped.onnx?token=1'])(
  'fetches %s',
  async (path) => {
    const { name, bytes } = await readModelFile(base + path);
    expect(Uint8Array.from(bytes)).toEqual(MODEL);
    expect(name).toBe(path.replace(/^.*\/|\?.*$/g, ''));
  },
);

test('signs in with the user and the password of the address', async () => {
  const url = `${base.replace('//', '//me:a%20secret@')}/private.onnx`;
  expect(Uint8Array.from((await readModelFile(url)).bytes)).toEqual(MODEL);
});

test('checks what came against the checksum asked for', async () => {
  const sha256 = createHash('sha256').update(MODEL).digest('hex');
  const url = new URL(`${base}/models/net.onnx`);
  expect((await readModelFile(url, { sha256 })).name).toBe('net.onnx');
  await expect(readModelFile(url, { sha256: sha256.replace(/./, 'x') })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  await expect(readModelFile(url, { sha256: '1'.repeat(64) })).rejects.toMatchObject({
    code: 'INVALID_MODEL',
  });
});

describe('what goes wrong', () => {
  test.each([
    ['/nothing.onnx', 'NOT_FOUND', /nothing\.onnx was answered with 404 Not Found\.$/],
    ['/gone.onnx', 'NOT_FOUND', /answered with 410 Gone/],
    ['/broken.onnx', 'IO', /answered with 503 Service Unavailable/],
    ['/cut.onnx', 'IO', /cut\.onnx could not be fetched|ended after 5 of 100 bytes/],
    ['/page.onnx', 'INVALID_MODEL', /page\.onnx is a text, not an ONNX model/],
  ])('%s', async (path, code, message) => {
    await expect(readModelFile(base + path)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test('nobody answers', async () => {
    await expect(readModelFile('http://127.0.0.1:1/a.onnx')).rejects.toThrow(
      expect.objectContaining({
        code: 'IO',
        message: expect.stringMatching(/could not be fetched/),
      }),
    );
  });

  test('more bytes than a model can have', async () => {
    const url = new URL(`${base}/models/net.onnx`);
    for (const maxBytes of [4, 0]) {
      await expect(fetchModel(url, { maxBytes })).rejects.toMatchObject({
        code: 'INVALID_MODEL',
        message: expect.stringMatching(new RegExp(`at most ${maxBytes}`)),
      });
    }
  });

  test('a wrong password', async () => {
    const url = `${base.replace('//', '//me:wrong@')}/private.onnx`;
    await expect(readModelFile(url)).rejects.toThrow(
      expect.objectContaining({ code: 'IO', message: expect.stringMatching(/401 Unauthorized/) }),
    );
  });

  test('messages carry no passwords', async () => {
    const url = new URL(`${base}/nothing.onnx?token=secret`);
    url.username = 'user';
    url.password = 'secret';
    const failure: unknown = await fetchModel(url, { maxBytes: 9 }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ message: expect.not.stringMatching(/secret/) });
  });
});

test('a signal ends the download with its reason', async () => {
  const controller = new AbortController();
  const fetching = readModelFile(`${base}/never.onnx`, { signal: controller.signal });
  setTimeout(() => controller.abort('enough'), 20);
  await expect(fetching).rejects.toBe('enough');
});
