import { createHash } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, isAlexNetError } from '@alexnet/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { exportOnnx } from '../to-onnx.ts';
import { readOnnxFile, writeOnnxFile } from './onnx-file.ts';
import { readFileBytes } from './read-file-bytes.ts';

const model = createModel('mini', { widthMultiplier: 0.01, classes: 3 });
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-onnx-'));
  file = join(folder, 'model.onnx');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

async function refusal(read: Promise<unknown>): Promise<string> {
  try {
    await read;
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.hint).toMatch(/\w{2}/);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('Nothing was refused.');
}

describe('writeOnnxFile', () => {
  test('writes the bytes of exportOnnx and says what it wrote', async () => {
    const bytes = exportOnnx(model);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const written = await writeOnnxFile(file, model);
    expect(written).toEqual({ file, bytes: bytes.length, sha256 });
    expect(new Uint8Array(await readFile(file))).toEqual(bytes);
  });

  test('writes nothing for a model that is wrong', async () => {
    const broken = { ...model, weights: new Map() };
    expect(await refusal(writeOnnxFile(file, broken))).toContain('INVALID_MODEL');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('readOnnxFile', () => {
  test('reads what was written', async () => {
    await writeOnnxFile(file, model, { output: 'probabilities' });
    const back = await readOnnxFile(file);
    expect(back.metadata).toEqual(model.metadata);
    expect([...back.weights]).toEqual([...model.weights]);
  });

  test('names the file in what it refuses', async () => {
    await writeOnnxFile(file, model);
    await truncate(file, 1000);
    const message = await refusal(readOnnxFile(file));
    expect(message).toContain(`INVALID_MODEL: ${file}: This is not a readable ONNX model: graph`);
    await writeFile(file, 'just a text');
    expect(await refusal(readOnnxFile(file))).toContain('not an ONNX model but a text');
  });
});

describe('readFileBytes', () => {
  test('reads a file, empty ones too', async () => {
    await writeFile(file, 'ab');
    expect(await readFileBytes(file)).toEqual(Uint8Array.of(97, 98));
    await writeFile(file, '');
    expect(await readFileBytes(file)).toEqual(new Uint8Array());
  });

  test('refuses what is missing, a folder, a device, what is too long', async () => {
    expect(await refusal(readFileBytes(file))).toBe(`NOT_FOUND: There is no file ${file}.`);
    expect(await refusal(readFileBytes(folder))).toContain('is a folder, not a file');
    await writeFile(file, 'abc');
    expect(await refusal(readFileBytes(file, { limitBytes: 2 }))).toBe(
      `UNSUPPORTED: ${file} has 3 bytes; at most 2 are read.`,
    );
    if (process.platform !== 'win32') {
      expect(await refusal(readFileBytes('/dev/zero'))).toContain('is a device');
    }
  });

  test('notices when the file becomes shorter meanwhile', async () => {
    await writeFile(file, 'abc');
    const handle = await open(file, 'r');
    const nothing = { bytesRead: 0, buffer: new Uint8Array() };
    vi.spyOn(Object.getPrototypeOf(handle), 'read').mockResolvedValue(nothing);
    await handle.close();
    expect(await refusal(readFileBytes(file))).toContain('IO');
  });
});
