import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BYTES, OTHERS, prepareDownloads, refusal } from './test-downloads.ts';
import { publish, sendFile } from './test-server.ts';

const { start, fetchIt, file, expectNothing } = prepareDownloads({ beforeEach, afterEach });

describe('refuses, and leaves nothing behind', () => {
  test('other bytes', async () => {
    const server = await start((request, response) => sendFile(request, response, OTHERS));
    const message = await refusal(fetchIt(publish(BYTES, [server.address])));
    expect(message).toMatch(
      /^INVALID_MODEL: .* its sha256 is [0-9a-f]{64}, [0-9a-f]{64} is published/s,
    );
    await expectNothing();
    expect(server.seen).toHaveLength(1);
  });

  test.each([
    ['another size', { 'content-length': '5' }, 'offers 5 bytes, 200000 are published'],
    [
      'the page of a captive portal',
      { 'content-type': 'text/html; charset=utf-8', 'content-length': '5' },
      'sends a web page in place of the file',
    ],
    ['a packed answer', { 'content-encoding': 'gzip' }, 'packs the file (gzip)'],
  ])('%s', async (_, headers, expected) => {
    const server = await start((_request, response) => {
      response.writeHead(200, headers).end('hello');
    });
    expect(await refusal(fetchIt(publish(BYTES, [server.address])))).toContain(expected);
    await expectNothing();
  });

  test('bytes without end', async () => {
    let sent = 0;
    const server = await start((_, response) => {
      const more = () => {
        if (response.destroyed) return;
        sent += OTHERS.length;
        response.write(OTHERS, () => setImmediate(more));
      };
      more();
    });
    const message = await refusal(fetchIt(publish(BYTES, [server.address])));
    expect(message).toContain('the server sends more than 200000 bytes');
    expect(sent).toBeLessThan(100 * OTHERS.length);
    await expectNothing();
  });

  test.each([
    [404, 'the server answers 404 (there is no such file)'],
    [403, 'the server answers 403 (not allowed)'],
    [206, 'the server answers 206'],
    [503, 'the server answers 503 (not available for now)'],
  ])('an answer of %i', async (status, expected) => {
    const server = await start((_, response) => response.writeHead(status).end());
    const message = await refusal(fetchIt(publish(BYTES, [`${server.address}/test.npz`])));
    expect(message).toMatch(/^IO: test\.npz could not be fetched\.\n/);
    expect(message).toContain(`${server.address}/test.npz: ${expected}`);
    await expectNothing();
    expect(server.seen).toHaveLength(status === 503 ? 3 : 1);
  });

  test('a server that speaks something else', async () => {
    const server = await start((request) => request.socket.end('220 mail.example ESMTP\r\n'));
    const message = await refusal(fetchIt(publish(BYTES, [server.address])));
    expect(message).toMatch(/^IO: .*127\.0\.0\.1:\d+: .*HTTP/s);
    await expectNothing();
  });

  test('a redirect loop', async () => {
    const server = await start((_, response) => response.writeHead(301, { location: '/' }).end());
    const message = await refusal(fetchIt(publish(BYTES, [server.address])));
    expect(message).toContain('more than 5 redirects: 127.0.0.1');
    expect(server.seen).toHaveLength(6);
  });

  test.each([
    ['file:///etc/passwd', 'redirects to file:, not to https'],
    ['http://[', 'redirects to no address'],
    ['', 'redirects to nowhere'],
  ])('a redirect to "%s"', async (location, expected) => {
    const server = await start((_, response) => {
      response.writeHead(307, location ? { location } : {}).end();
    });
    expect(await refusal(fetchIt(publish(BYTES, [server.address])))).toContain(expected);
  });
});

test('without a connection it says where to fetch the file and where to put it', async () => {
  const server = await start(() => {});
  await server.close();
  const weights = publish(BYTES, [`${server.address}/test.npz`]);
  const message = await refusal(fetchIt(weights));
  expect(message).toContain(`no connection to 127.0.0.1:${server.port} (ECONNREFUSED)`);
  const { value } = weights.checksums[0] ?? {};
  expect(message).toContain(
    `fetch ${server.address}/test.npz elsewhere (200000 bytes, sha256 ${value}) and put it at ${file()}.`,
  );
  expect(message).toContain('A proxy is named in HTTPS_PROXY, a mirror in ALEXNET_WEIGHTS_MIRROR.');
  await writeFile(file(), OTHERS);
  expect(await refusal(fetchIt(weights))).toMatch(/test\.npz is there, but its sha256 is/);
  await writeFile(file(), 'short');
  expect(await refusal(fetchIt(weights))).toContain(
    'is there, but has 5 bytes, 200000 are published',
  );
});

test('two checksums must both hold', async () => {
  const server = await start((request, response) => sendFile(request, response, BYTES));
  const weights = publish(BYTES, [server.address]);
  const sha1 = { algorithm: 'sha1', value: '0'.repeat(40), by: 'publisher', source: '' } as const;
  const both = { ...weights, checksums: [...weights.checksums, sha1] };
  expect(await refusal(fetchIt(both))).toContain(`${'0'.repeat(40)} is published`);
});
