import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readModelFile, toPath } from './model-file.ts';

/** The first bytes of an ONNX file: ir_version 9. */
const MODEL = Uint8Array.of(8, 9, 0x12, 1, 0x61);
let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-runtime-'));
  path = join(folder, 'a model.onnx');
  await writeFile(path, MODEL);
});
afterAll(() => rm(folder, { recursive: true }));

test('reads a path, a file URL, the text of one, bytes', async () => {
  for (const source of [path, pathToFileURL(path), pathToFileURL(path).href]) {
    const { name, bytes } = await readModelFile(source);
    expect(name).toBe('a model.onnx');
    expect(Uint8Array.from(bytes)).toEqual(MODEL);
  }
  expect(await readModelFile(MODEL)).toEqual({ name: 'the model', bytes: MODEL });
  expect(await readModelFile(new Blob([MODEL]))).toEqual({ name: 'the model', bytes: MODEL });
  const file = new File([MODEL], 'dropped.onnx');
  expect(await readModelFile(file)).toEqual({ name: 'dropped.onnx', bytes: MODEL });
});

test('takes a file whose SHA-256 is the one asked for, and no other', async () => {
  const sha256 = createHash('sha256').update(MODEL).digest('hex');
  for (const given of [sha256, sha256.toUpperCase()]) {
    expect((await readModelFile(path, { sha256: given })).name).toBe('a model.onnx');
  }
  const wrong = '0'.repeat(64);
  await expect(readModelFile(path, { sha256: wrong })).rejects.toMatchObject({
    code: 'INVALID_MODEL',
    message: `a model.onnx has the SHA-256 ${sha256}, but ${wrong} was asked for.`,
  });
  await expect(readModelFile(path, { sha256: 'abc' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    path: ['sha256'],
  });
});

test('a path that looks like a drive or a scheme stays a path', () => {
  expect(toPath('C:\\models\\a.onnx')).toBe('C:\\models\\a.onnx');
  expect(toPath('run:3/model.onnx')).toBe('run:3/model.onnx');
});

test.each([
  [
    'a file that is not there',
    () => join(folder, 'b.onnx'),
    'NOT_FOUND',
    /There is no file .*b\.onnx/,
  ],
  ['a path through a file', () => join(path, 'b.onnx'), 'NOT_FOUND', /There is no file/],
  ['a folder', () => folder, 'INVALID_MODEL', /is a folder/],
  ['another address', () => new URL('ftp://host/a.onnx'), 'INVALID_ARGUMENT', /ftp: addresses/],
  ['an empty file', () => new Uint8Array(0), 'INVALID_MODEL', /is an empty file, not an ONNX/],
  ['a picture', () => Uint8Array.of(0xff, 0xd8, 0xff), 'INVALID_MODEL', /is a JPEG picture/],
])('refuses %s', async (_, source, code, message) => {
  await expect(readModelFile(source())).rejects.toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
});

test('refuses what is no source at all', async () => {
  const call = Reflect.apply(readModelFile, undefined, [undefined]);
  await expect(call).rejects.toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/undefined/),
    }),
  );
});
