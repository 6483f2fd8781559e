import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BYTES, prepareDownloads, refusal } from './test-downloads.ts';
import { publish, sendFile } from './test-server.ts';

const { start, fetchIt, expectFetched } = prepareDownloads({ beforeEach, afterEach });

describe('a mirror', () => {
  test('is asked in place of the published addresses', async () => {
    const published = await start((_, response) => response.writeHead(404).end());
    const mirror = await start((request, response) => sendFile(request, response, BYTES));
    await fetchIt(publish(BYTES, [published.address]), {
      environment: { ALEXNET_WEIGHTS_MIRROR: `${mirror.address}/alexnet/` },
    });
    await expectFetched();
    expect(mirror.seen.map(({ target }) => target)).toEqual(['/alexnet/test.npz']);
    expect(published.seen).toEqual([]);
  });

  test('gets its password, which no other server and no message does', async () => {
    const store = await start((_, response) => response.writeHead(404).end());
    const mirror = await start((_, response) => {
      response.writeHead(302, { location: `${store.address}/x` }).end();
    });
    const address = mirror.address.replace('//', '//user:s%C3%A9same@');
    const environment = { ALEXNET_WEIGHTS_MIRROR: address };
    const message = await refusal(fetchIt(publish(BYTES, []), { environment }));
    expect(message).toContain(`http://***@127.0.0.1:${mirror.port}/test.npz`);
    expect(message).not.toContain('same');
    const authorization = `Basic ${Buffer.from('user:sésame').toString('base64')}`;
    expect(mirror.seen[0]?.headers.authorization).toBe(authorization);
    expect(store.seen[0]?.headers.authorization).toBeUndefined();
  });

  test.each(['mirror.example', '/srv/weights', 'ftp://mirror.example', 'http://'])(
    '"%s" is none',
    async (mirror) => {
      const environment = { ALEXNET_WEIGHTS_MIRROR: mirror };
      const message = await refusal(fetchIt(publish(BYTES, []), { environment }));
      expect(message).toContain('INVALID_ARGUMENT: ALEXNET_WEIGHTS_MIRROR is no address');
    },
  );
});

describe('a proxy', () => {
  test('is asked for the address', async () => {
    const proxy = await start((request, response) => sendFile(request, response, BYTES));
    const weights = publish(BYTES, ['http://weights.invalid/test.npz']);
    const environment = { HTTP_PROXY: `127.0.0.1:${proxy.port}` };
    await fetchIt(weights, { environment });
    await expectFetched();
    expect(proxy.seen.map(({ target }) => target)).toEqual(['http://weights.invalid/test.npz']);
  });

  test('is asked for a tunnel where the address is https', async () => {
    const proxy = await start(() => {});
    const weights = publish(BYTES, ['https://weights.invalid/test.npz']);
    const environment = { https_proxy: proxy.address.replace('//', '//me:secret@') };
    const message = await refusal(fetchIt(weights, { environment }));
    expect(message).toContain('weights.invalid');
    expect(message).not.toContain('secret');
    expect(proxy.seen[0]).toMatchObject({ method: 'CONNECT', target: 'weights.invalid:443' });
    expect(proxy.seen[0]?.headers['proxy-authorization']).toMatch(/^Basic /);
  });

  test('is passed by where NO_PROXY says so', async () => {
    const proxy = await start((_, response) => response.writeHead(404).end());
    const server = await start((request, response) => sendFile(request, response, BYTES));
    await fetchIt(publish(BYTES, [server.address]), {
      environment: { http_proxy: proxy.address, no_proxy: 'example.org, 127.0.0.1' },
    });
    await expectFetched();
    expect(proxy.seen).toEqual([]);
  });

  test('"http://" is none', async () => {
    const environment = { HTTPS_PROXY: 'ftp://me:secret@proxy' };
    const message = await refusal(fetchIt(publish(BYTES, []), { environment }));
    expect(message).toContain('INVALID_ARGUMENT: HTTPS_PROXY names no proxy: "ftp://***@proxy".');
  });
});
