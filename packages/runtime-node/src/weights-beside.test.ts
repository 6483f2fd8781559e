import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import { writeOnnxFile } from '@alexnet/export/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findWeightsBeside } from './weights-beside.ts';

const model = createModel('mini', { widthMultiplier: 0.01, classes: 3 });
let folder: string;
let place: string;
let bytes: Uint8Array;
let names: readonly string[];
let server: Server;
/** What is asked of the server, with the method. */
const asked: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-beside-'));
  place = join(folder, 'a model#1.onnx');
  const written = await writeOnnxFile(place, model, { externalData: true, shardSizeBytes: 10_000 });
  names = written.files.map(({ name }) => name);
  bytes = await readFile(place);
  server = createServer(async ({ url = '' }, response) => {
    asked.push(url);
    const body = await readFile(join(folder, decodeURIComponent(url))).catch(() => undefined);
    response.writeHead(body ? 200 : 404).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true });
});

function address(): URL {
  const found = server.address();
  const port = typeof found === 'object' ? found?.port : undefined;
  return new URL(`http://127.0.0.1:${port}/a%20model%231.onnx?token=1`);
}

test('a model that holds its weights has none', async () => {
  const whole = exportOnnx(model);
  expect(await findWeightsBeside({ name: 'm', bytes: whole })).toBeUndefined();
  expect(await findWeightsBeside({ name: 'm', bytes: whole, place })).toBeUndefined();
  expect(await findWeightsBeside({ name: 'm', bytes: whole, place: address() })).toBeUndefined();
});

test('those of a file are left in their folder', async () => {
  expect(await findWeightsBeside({ name: 'm', bytes, place })).toEqual({ folder });
});

test('those of an address are fetched from beside it, names as they are', async () => {
  asked.length = 0;
  const found = await findWeightsBeside({ name: 'm', bytes, place: address() });
  expect(asked.sort()).toEqual(names.map((name) => `/${encodeURIComponent(name)}`).sort());
  const expected = names.map(async (name) => [name, await readFile(join(folder, name))] as const);
  expect(found).toEqual({ files: new Map(await Promise.all(expected)) });
});

test('bytes have nothing beside them', async () => {
  await expect(findWeightsBeside({ name: 'm', bytes })).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining(`m: The model keeps its weights in "${names[0]}" and`),
  });
});

test('files that are cut short, others or missing are refused by their names', async () => {
  const [first = '', second = '', third = ''] = names;
  await truncate(join(folder, first), 100);
  await expect(findWeightsBeside({ name: 'm', bytes, place })).rejects.toMatchObject({
    code: 'INVALID_MODEL',
    message: expect.stringMatching(
      /^m: .* has 100 bytes, but the model's weights reach to byte \d+\.$/,
    ),
  });
  await expect(findWeightsBeside({ name: 'm', bytes, place: address() })).rejects.toMatchObject({
    code: 'INVALID_MODEL',
    message: expect.stringContaining(`${first} has the SHA-256`),
  });
  await writeFile(join(folder, first), Buffer.alloc(1_000_000));
  await expect(findWeightsBeside({ name: 'm', bytes, place: address() })).rejects.toMatchObject({
    code: 'INVALID_MODEL',
  });
  for (const name of [first, second, third]) await rm(join(folder, name));
  for (const missing of [place, address()]) {
    await expect(findWeightsBeside({ name: 'm', bytes, place: missing })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  }
});
