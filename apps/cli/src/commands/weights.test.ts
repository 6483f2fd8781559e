import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getPublishedWeights } from '@alexnet/weights';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { resolveWeightsArgument } from '../models/catalogue-file.ts';
import { call } from '../terminal/test-terminal.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-weights-'));
  vi.stubEnv('ALEXNET_CACHE', join(folder, 'cache'));
  vi.stubEnv('INIT_CWD', folder);
  // Nothing is listening at this port of this machine.
  vi.stubEnv('ALEXNET_WEIGHTS_MIRROR', 'http://127.0.0.1:1/mirror');
  vi.stubEnv('NO_PROXY', '*');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('weights list', () => {
  test('prints a table', async () => {
    const { exitCode, results } = await call('weights', 'list');
    expect(exitCode).toBe(0);
    expect(results[0]).toMatch(/^weights +file +size +preset +top-1 % +top-5 % +here +licence$/);
    expect(results[2]).toMatch(
      /^torchvision +alexnet-owt-7be5be79\.pth +233 MiB +torchvision +56\.522 +79\.066 +– +BSD-3-Clause/,
    );
    expect(results.at(-1)).toContain(join(folder, 'cache', 'weights'));
  });

  test('--json says all, and what is here already', async () => {
    const path = join(folder, 'cache', 'weights', 'bvlc_alexnet.npy');
    await mkdir(join(folder, 'cache', 'weights'), { recursive: true });
    await writeFile(path, '');
    await truncate(path, 243_861_814);
    const { results } = await call('weights', 'list', '--json');
    const listed = JSON.parse(results.join('')) as {
      readonly weights: readonly { readonly id: string; readonly isCached: boolean }[];
    };
    expect(listed.weights).toHaveLength(12);
    expect(listed.weights.filter(({ isCached }) => isCached)).toMatchObject([
      { id: 'bvlc-alexnet-npy', preprocessing: 'bvlc-npy', sizeBytes: { value: 243_861_814 } },
    ]);
  });
});

describe('weights get', () => {
  test('says without a connection where to put the file', async () => {
    const { exitCode, results, notes } = await call('weights', 'get', 'torchvision');
    expect([exitCode, results]).toEqual([1, []]);
    expect(notes).toContain('error: alexnet-owt-7be5be79.pth could not be fetched.');
    expect(notes).toContain(
      'http://127.0.0.1:1/mirror/alexnet-owt-7be5be79.pth: no connection to 127.0.0.1:1 (ECONNREFUSED)',
    );
    expect(notes).toContain(
      `hint: Without the internet: fetch https://download.pytorch.org/models/alexnet-owt-7be5be79.pth elsewhere (244408911 bytes, sha256 7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02) and put it at ${join(folder, 'cache', 'weights', 'alexnet-owt-7be5be79.pth')}.`,
    );
  });

  test('names the nearest', async () => {
    const { exitCode, notes } = await call('weights', 'get', 'torchvison');
    expect(exitCode).toBe(2);
    expect(notes).toContain('No published weights are called "torchvison". Did you mean');
    expect(notes).toContain('hint: There are: torchvision, bvlc-alexnet,');
  });

  test('refuses an unknown option by its own name', async () => {
    const { exitCode, notes } = await call('weights', 'get', 'torchvision', '--jsn');
    expect(exitCode).toBe(2);
    expect(notes).toContain('Did you mean --json?');
    expect(notes).toContain('See "alexnet weights get --help".');
  });
});

test.each([
  ['export', ['model.onnx', '--from', 'torchvision']],
  ['predict', ['torchvision', 'cat.jpg']],
  ['eval', ['torchvision', 'photos']],
  ['parity', ['torchvision']],
  ['inspect', ['bvlc-alexnet']],
])('%s wants published weights where they are named', async (command, args) => {
  const { exitCode, notes } = await call(command, ...args);
  expect(exitCode).toBe(1);
  expect(notes).toMatch(/^error: (?:alexnet-owt-7be5be79\.pth|bvlc_alexnet\.caffemodel) could not/);
});

describe('an argument for a file', () => {
  const bytes = Buffer.from('weights');
  const published = {
    ...getPublishedWeights('torchvision'),
    sizeBytes: { value: bytes.length, source: 'this test' },
    checksums: [
      {
        algorithm: 'sha256',
        value: createHash('sha256').update(bytes).digest('hex'),
        by: 'publisher',
        source: 'this test',
      },
    ],
  } as const;
  const find = (name: string) => (name === 'torchvision' ? published : null);

  test('is fetched where it names published weights', async () => {
    const server = createServer((_, response) => response.end(bytes));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const place = server.address();
    const port = typeof place === 'object' ? place?.port : 0;
    vi.stubEnv('ALEXNET_WEIGHTS_MIRROR', `http://127.0.0.1:${port}`);
    const notes: string[] = [];
    const terminal = {
      isInteractive: false,
      columns: 80,
      result: () => {},
      bytes: () => {},
      note: (line: string) => void notes.push(line),
      status: () => {},
    };
    const path = await resolveWeightsArgument('torchvision', { terminal, find });
    server.closeAllConnections();
    server.close();
    expect(path).toBe(join(folder, 'cache', 'weights', 'alexnet-owt-7be5be79.pth'));
    expect(notes).toEqual([
      "Fetching torchvision's AlexNet, AlexNet_Weights.IMAGENET1K_V1 (7 B; licence: BSD-3-Clause for the code).",
    ]);
    expect(await resolveWeightsArgument('torchvision', { terminal, find })).toBe(path);
  });

  test('is itself where there is such a file, or no such weights', async () => {
    await writeFile(join(folder, 'torchvision'), 'mine');
    const mine = resolve(folder, 'torchvision');
    expect(await resolveWeightsArgument('torchvision', { find })).toBe(mine);
    expect(await resolveWeightsArgument('a/b.pth', { find })).toBe(resolve(folder, 'a/b.pth'));
  });
});
