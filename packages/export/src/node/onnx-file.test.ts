import { createHash } from 'node:crypto';
import {
  link,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, isAlexNetError } from '@alexnet/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeModel } from '../proto/codec.ts';
import { exportOnnx, toOnnx } from '../to-onnx.ts';
import {
  readOnnxFile,
  readOnnxFileMetadata,
  readOnnxNetwork,
  type WriteOnnxOptions,
  writeOnnxFile,
} from './onnx-file.ts';
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
    expect(written).toEqual({ file, bytes: bytes.length, sha256, files: [] });
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

describe('readOnnxFileMetadata', () => {
  test('reads some kilobytes of a large file', async () => {
    const large = createModel('torchvision', { widthMultiplier: 0.3, classes: 3 });
    const { bytes } = await writeOnnxFile(file, large);
    expect(bytes).toBeGreaterThan(2e7);
    const handle = await open(file, 'r');
    const read = vi.spyOn(Object.getPrototypeOf(handle), 'read');
    await handle.close();
    const { metadata, inputs, files } = await readOnnxFileMetadata(file);
    const lengths = read.mock.calls.map(([, , length]) => Number(length));
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(100_000);
    expect(metadata).toEqual(large.metadata);
    expect(inputs).toEqual([{ name: 'image', dtype: 'float32', shape: ['N', 3, 224, 224] }]);
    expect(files).toEqual([]);
  });

  test('names the file in what it refuses', async () => {
    await writeOnnxFile(file, model);
    await truncate(file, 1000);
    expect(await refusal(readOnnxFileMetadata(file))).toMatch(
      /^INVALID_MODEL: .*model\.onnx: This is not a readable ONNX model: the model, at byte \d+ of 1000/,
    );
    expect(await refusal(readOnnxFileMetadata(folder))).toContain('is a folder, not a file');
    expect(await refusal(readOnnxFileMetadata(join(folder, 'no')))).toContain('There is no file');
  });
});

describe('readOnnxNetwork', () => {
  const large = createModel('caffe-alexnet', { widthMultiplier: 0.25, classes: 3 });

  test.each<WriteOnnxOptions>([
    {},
    { lrn: 'conv' },
    { weights: 'float16' },
    { dtype: 'float16', lrn: 'conv', embed: 'resize' },
    { externalData: true, shardSizeBytes: 2 ** 22 },
  ])('%j: finds what readOnnxFile finds, and reads little of it', async (options) => {
    const { bytes, files } = await writeOnnxFile(file, large, options);
    const total = files.reduce((sum, each) => sum + each.bytes, bytes);
    expect(total).toBeGreaterThan(5e6);
    const { weights, ...expected } = await readOnnxFile(file);
    for (const { name } of files) await rm(join(folder, name));
    const handle = await open(file, 'r');
    const read = vi.spyOn(Object.getPrototypeOf(handle), 'read');
    await handle.close();
    expect(await readOnnxNetwork(file)).toEqual(expected);
    const lengths = read.mock.calls.map(([, , length]) => Number(length));
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(total / 4);
  });

  test('refuses weights that are larger than any file, before anything is made of them', async () => {
    const proto = toOnnx(model);
    const initializer = proto.graph.initializer.map((tensor) => {
      const { rawData, ...hollow } = tensor;
      return tensor.name === 'fc6.weight' ? { ...hollow, dims: [2 ** 20, 2 ** 20] } : tensor;
    });
    await writeFile(file, encodeModel({ ...proto, graph: { ...proto.graph, initializer } }));
    expect(await refusal(readOnnxNetwork(file))).toMatch(
      /^INVALID_MODEL: .*model\.onnx: fc6\.weight is \[1048576, 1048576\]: .* more than the 2147483647 bytes/,
    );
  });

  test('names the file in what it refuses', async () => {
    await writeOnnxFile(file, model);
    await truncate(file, 1000);
    expect(await refusal(readOnnxNetwork(file))).toMatch(
      /^INVALID_MODEL: .*model\.onnx: This is not/,
    );
  });
});

describe('weights in a file beside the model', () => {
  const LARGE = 'fc6.weight';
  const weight = new Uint8Array(
    model.weights.get(LARGE)?.data.slice().buffer ?? new ArrayBuffer(0),
  );

  /** Writes the model with one weight outside. */
  async function writeApart(location: string, more: Readonly<Record<string, string>> = {}) {
    const { graph, ...rest } = toOnnx(model);
    const entries = { location, offset: '64', length: String(weight.length), ...more };
    const initializer = graph.initializer.map((tensor) => {
      if (tensor.name !== LARGE) return tensor;
      const { rawData: _, ...bare } = tensor;
      const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
      return { ...bare, dataLocation: 1, externalData };
    });
    await writeFile(file, encodeModel({ ...rest, graph: { ...graph, initializer } }));
  }
  const content = () => Buffer.concat([Buffer.alloc(64), weight]);

  test('are read with it', async () => {
    await writeApart('weights.bin');
    await writeFile(join(folder, 'weights.bin'), content());
    expect((await readOnnxFile(file)).weights.get(LARGE)).toEqual(model.weights.get(LARGE));
  });

  test('that are missing, cut short or elsewhere in it are refused', async () => {
    await writeApart('weights.bin');
    expect(await refusal(readOnnxFile(file))).toContain('There is no file');
    await writeFile(join(folder, 'weights.bin'), content().subarray(1));
    expect(await refusal(readOnnxFile(file))).toContain('fc6.weight is said to be');
    await writeFile(join(folder, 'weights.bin'), content());
    const wrong = ['-1', '1e400', '0x10', '99999999999999999999', 'NaN'];
    for (const offset of wrong) {
      await writeApart('weights.bin', { offset });
      expect(await refusal(readOnnxFile(file))).toMatch(/INVALID_MODEL/);
    }
    await writeApart('weights.bin', { length: '999999999999' });
    expect(await refusal(readOnnxFile(file))).toContain('INVALID_MODEL');
  });

  test.each([
    '../weights.bin',
    'sub/../../weights.bin',
    '/etc/passwd',
    'C:\\weights.bin',
    '..\\weights.bin',
    'sub/weights.bin',
    '..',
    '',
    'a\u0000b',
  ])('are not read from a path: %j', async (location) => {
    await writeApart(location);
    const message = await refusal(readOnnxFile(file));
    expect(message).toContain('UNSUPPORTED');
    expect(message).toContain('no plain name of a file beside the model');
  });

  test.skipIf(process.platform === 'win32')('are not read through a link', async () => {
    await writeApart('weights.bin');
    await writeFile(join(folder, 'secret'), content());
    await symlink('secret', join(folder, 'weights.bin'));
    expect(await refusal(readOnnxFile(file))).toContain('is a link to a file');
    await rm(join(folder, 'weights.bin'));
    await link(join(folder, 'secret'), join(folder, 'weights.bin'));
    expect(await refusal(readOnnxFile(file))).toContain('is a link to a file');
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
