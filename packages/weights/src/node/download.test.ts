import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BYTES, OTHERS, prepareDownloads } from './test-downloads.ts';
import { publish, sendFile } from './test-server.ts';

const { start, fetchIt, file, folder, expectFetched } = prepareDownloads({ beforeEach, afterEach });

describe('fetches', () => {
  test('a file once, with its progress', async () => {
    const server = await start((request, response) => sendFile(request, response, BYTES));
    const weights = publish(BYTES, [`${server.address}/a/test.npz`]);
    const sizes: number[] = [];
    const first = await fetchIt(weights, {
      onProgress: ({ receivedBytes, totalBytes }) => {
        expect(totalBytes).toBe(200_000);
        sizes.push(receivedBytes);
      },
    });
    expect(first).toEqual({ file: file(), wasCached: false });
    expect(sizes.at(-1)).toBe(200_000);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    await expectFetched();
    expect(await fetchIt(weights)).toEqual({ file: file(), wasCached: true });
    expect(server.seen.map(({ target }) => target)).toEqual(['/a/test.npz']);
  });

  test('slowly, as long as something comes', async () => {
    const server = await start((_, response) => {
      response.writeHead(200, { 'content-length': BYTES.length });
      const drip = (offset: number) => {
        if (offset >= BYTES.length) response.end();
        else
          response.write(BYTES.subarray(offset, offset + 40_000), () =>
            setTimeout(() => drip(offset + 40_000), 60),
          );
      };
      drip(0);
    });
    await fetchIt(publish(BYTES, [server.address]), { silenceMs: 200 });
    await expectFetched();
  });

  test('without a Content-Length', async () => {
    const server = await start((_, response) => {
      response.write(BYTES.subarray(0, 1000));
      response.end(BYTES.subarray(1000));
    });
    await fetchIt(publish(BYTES, [server.address]));
    await expectFetched();
  });

  test('through redirects, also to another server', async () => {
    const store = await start((request, response) => sendFile(request, response, BYTES));
    const hub = await start((request, response) => {
      const location = request.url === '/first' ? 'second' : `${store.address}/stored?key=1`;
      response.writeHead(302, { location }).end('moved');
    });
    await fetchIt(publish(BYTES, [`${hub.address}/first`]));
    await expectFetched();
    expect(hub.seen.map(({ target }) => target)).toEqual(['/first', '/second']);
    expect(store.seen.map(({ target }) => target)).toEqual(['/stored?key=1']);
  });

  test('from the second address if the first has it no more', async () => {
    const gone = await start((_, response) => response.writeHead(404).end());
    const server = await start((request, response) => sendFile(request, response, BYTES));
    await fetchIt(publish(BYTES, [gone.address, server.address]));
    await expectFetched();
  });

  test('again after the server was busy', async () => {
    const server = await start((request, response, count) => {
      if (count < 2) response.writeHead(503).end();
      else sendFile(request, response, BYTES);
    });
    await fetchIt(publish(BYTES, [server.address]));
    await expectFetched();
  });

  test('again where the server says nothing', async () => {
    const server = await start((request, response, count) => {
      if (count > 0) sendFile(request, response, BYTES);
    });
    const notes: string[] = [];
    const onNote = (text: string) => void notes.push(text);
    await fetchIt(publish(BYTES, [server.address]), { silenceMs: 50, onNote });
    await expectFetched();
    expect(notes).toEqual([
      `127.0.0.1:${server.port} did not answer in time; going on at 0 of 200000 bytes.`,
    ]);
  });

  test('once for two that want it at the same time', async () => {
    const server = await start((request, response) => {
      setTimeout(() => sendFile(request, response, BYTES), 50);
    });
    const weights = publish(BYTES, [server.address]);
    const notes: string[] = [];
    const onNote = (text: string) => void notes.push(text);
    const [a, b] = await Promise.all([fetchIt(weights, { onNote }), fetchIt(weights, { onNote })]);
    expect([a.wasCached, b.wasCached].sort()).toEqual([false, true]);
    expect(server.seen).toHaveLength(1);
    expect(notes).toEqual(['Another process fetches test.npz; waiting.']);
    await expectFetched();
  });

  test('what was put there by hand counts as fetched', async () => {
    await mkdir(folder());
    await writeFile(file(), BYTES);
    expect(await fetchIt(publish(BYTES, []))).toEqual({ file: file(), wasCached: true });
  });

  test('anew what was changed on the disk', async () => {
    const server = await start((request, response) => sendFile(request, response, BYTES));
    const weights = publish(BYTES, [server.address]);
    await fetchIt(weights);
    await writeFile(file(), OTHERS);
    expect((await fetchIt(weights)).wasCached).toBe(false);
    await expectFetched();
  });
});
