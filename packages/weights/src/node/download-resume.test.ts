import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BYTES, OTHERS, prepareDownloads, rangesOf, refusal } from './test-downloads.ts';
import { publish, sendAndBreak, sendFile } from './test-server.ts';

const { cutAfter, start, fetchIt, file, expectFetched } = prepareDownloads({
  beforeEach,
  afterEach,
});

describe('goes on', () => {
  test('where the connection broke', async () => {
    const server = await start((request, response, count) =>
      sendFile(request, response, BYTES, count < 2 ? { cut: cutAfter(70_000) } : {}),
    );
    const notes: string[] = [];
    await fetchIt(publish(BYTES, [server.address]), { onNote: (text) => void notes.push(text) });
    await expectFetched();
    expect(rangesOf(server)).toEqual(['all', 'bytes=70000-', 'bytes=140000-']);
    expect(server.seen[1]?.headers['if-range']).toBe('"one"');
    expect(notes).toEqual([
      `127.0.0.1:${server.port} broke off; going on at 70000 of 200000 bytes.`,
      `127.0.0.1:${server.port} broke off; going on at 140000 of 200000 bytes.`,
    ]);
  });

  test('where an answer without a length ended too early', async () => {
    const server = await start((request, response, count) => {
      if (count > 0) sendFile(request, response, BYTES);
      else {
        response.setHeader('etag', '"one"');
        response.write(BYTES.subarray(0, 50_000));
        response.end();
      }
    });
    await fetchIt(publish(BYTES, [server.address]));
    await expectFetched();
    expect(rangesOf(server)).toEqual(['all', 'bytes=50000-']);
  });

  test('in a later process', async () => {
    const server = await start((request, response, count) => {
      if (count > 0) return sendFile(request, response, BYTES);
      response.writeHead(200, { etag: '"one"', 'content-length': BYTES.length });
      response.write(BYTES.subarray(0, 80_000));
    });
    const weights = publish(BYTES, [server.address]);
    const stop = new AbortController();
    const stopped = fetchIt(weights, {
      signal: stop.signal,
      onProgress: ({ receivedBytes }) => receivedBytes >= 80_000 && stop.abort(),
    });
    expect(await refusal(stopped)).toMatch(/^ABORTED: test\.npz was not fetched/);
    expect(existsSync(file())).toBe(false);
    await fetchIt(weights);
    await expectFetched();
    expect(rangesOf(server)).toEqual(['all', 'bytes=80000-']);
  });

  test('by the date where there is no ETag', async () => {
    const date = 'Tue, 14 Jun 2016 10:00:00 GMT';
    const server = await start((request, response, count) => {
      if (count > 0) return sendFile(request, response, BYTES, { etag: date });
      const headers = { etag: 'W/"weak"', 'last-modified': date, 'content-length': BYTES.length };
      response.writeHead(200, headers);
      void sendAndBreak(response, BYTES, cutAfter(60_000));
    });
    await fetchIt(publish(BYTES, [server.address]));
    await expectFetched();
    expect(server.seen[1]?.headers['if-range']).toBe(date);
  });

  describe('from the beginning', () => {
    const cutOnce = (later: Parameters<typeof sendFile>[3], bytes = BYTES) =>
      start((request, response, count) => {
        if (count === 0) sendFile(request, response, bytes, { cut: cutAfter(50_000) });
        else sendFile(request, response, BYTES, later);
      });

    test.each([
      ['where the server ignores Range', { ranges: false }],
      ['where the server has another ETag', { etag: '"two"' }],
    ])('%s', async (_, later) => {
      const server = await cutOnce(later, OTHERS);
      await fetchIt(publish(BYTES, [server.address]));
      await expectFetched();
      expect(server.seen).toHaveLength(2);
    });

    test('once, where the server joins parts of two files', async () => {
      const server = await cutOnce({}, OTHERS);
      const notes: string[] = [];
      await fetchIt(publish(BYTES, [server.address]), { onNote: (text) => void notes.push(text) });
      await expectFetched();
      expect(rangesOf(server)).toEqual(['all', 'bytes=50000-', 'all']);
      expect(notes.at(-1)).toMatch(/starting over/);
    });

    test('where the server gives nothing to recognise the file by', async () => {
      const server = await start((request, response, count) => {
        if (count > 0) return sendFile(request, response, BYTES);
        response.writeHead(200, { 'content-length': BYTES.length });
        void sendAndBreak(response, OTHERS, cutAfter(60_000));
      });
      await fetchIt(publish(BYTES, [server.address]));
      await expectFetched();
      expect(rangesOf(server)).toEqual(['all', 'all']);
    });

    test.each([
      [206, { 'content-range': 'bytes 0-199999/200000' }],
      [206, { 'content-range': 'bytes 50000-199999/900000' }],
      [206, {}],
      [416, { 'content-range': 'bytes */10' }],
    ])('where the server answers %i with %o', async (status, headers) => {
      const server = await start((request, response, count) => {
        if (count === 0) sendFile(request, response, BYTES, { cut: cutAfter(50_000) });
        else if (count === 1) response.writeHead(status, headers).end('x');
        else sendFile(request, response, BYTES);
      });
      await fetchIt(publish(BYTES, [server.address]));
      await expectFetched();
      expect(rangesOf(server).at(-1)).toBe('all');
    });
  });
});
