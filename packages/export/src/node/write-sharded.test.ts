import { createHash } from 'node:crypto';
import {
  appendFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, isAlexNetError } from '@alexnet/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { decodeModel, encodeModel } from '../proto/codec.ts';
import { readOnnxMetadata } from '../read-onnx-metadata.ts';
import { toOnnx } from '../to-onnx.ts';
import { readOnnxFile, writeOnnxFile } from './onnx-file.ts';

const model = createModel('mini', { widthMultiplier: 0.01, classes: 3 });
const SHARDED = { externalData: true, shardSizeBytes: 5_000 } as const;
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-sharded-'));
  file = join(folder, 'model.onnx');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

async function refusal(step: Promise<unknown>): Promise<string> {
  try {
    await step;
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.hint).toMatch(/\w{2}/);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('Nothing was refused.');
}

const digest = async (name: string, kind: 'sha1' | 'sha256') =>
  createHash(kind)
    .update(await readFile(join(folder, name)))
    .digest('hex');

test('reads the files into one array, of which weights that were cut are views', async () => {
  const { files } = await writeOnnxFile(file, model, SHARDED);
  const names = decodeModel(await readFile(file)).graph.initializer.map(({ name }) => name);
  expect(names).toContain('fc6.weight/1');
  const { weights } = await readOnnxFile(file);
  const cut = weights.get('fc6.weight')?.data;
  expect(cut).toEqual(model.weights.get('fc6.weight')?.data);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(cut?.buffer.byteLength).toBe(total);
});

describe('writes', () => {
  test('a model and the files with its weights, and says what it wrote', async () => {
    const { files, bytes, sha256 } = await writeOnnxFile(file, model, SHARDED);
    expect((await readdir(folder)).sort()).toEqual([
      'model.onnx',
      ...files.map(({ name }) => name),
    ]);
    expect({ bytes, sha256 }).toEqual({
      bytes: (await stat(file)).size,
      sha256: await digest('model.onnx', 'sha256'),
    });
    expect(files.length).toBeGreaterThan(3);
    for (const [index, { name, ...said }] of files.entries()) {
      const sum = await digest(name, 'sha256');
      expect(said).toEqual({ bytes: (await stat(join(folder, name))).size, sha256: sum });
      expect(said.bytes).toBeLessThanOrEqual(SHARDED.shardSizeBytes);
      const number = String(index + 1).padStart(5, '0');
      expect(name).toBe(`model.onnx.data-${number}-${sum.slice(0, 8)}`);
    }
    expect(readOnnxMetadata(await readFile(file)).files).toEqual(files);
  });

  test("ONNX's own checksum, SHA1 of the whole file", async () => {
    await writeOnnxFile(file, model, SHARDED);
    const { graph } = decodeModel(await readFile(file));
    const moved = graph.initializer.filter(({ externalData }) => externalData.length > 0);
    expect(moved.length).toBeGreaterThan(4);
    for (const { externalData } of moved) {
      const entries = new Map(externalData.map(({ key, value }) => [key, value]));
      expect([...entries.keys()]).toEqual(['location', 'offset', 'length', 'checksum']);
      expect(entries.get('checksum')).toBe(await digest(entries.get('location') ?? '', 'sha1'));
    }
  });

  test('the same bytes for the same model', async () => {
    const first = await writeOnnxFile(file, model, SHARDED);
    const again = await writeOnnxFile(file, model, SHARDED);
    expect(again).toEqual(first);
    expect(await readdir(folder)).toHaveLength(first.files.length + 1);
  });

  test('over another model, whose files go with it, and no others', async () => {
    const other = createModel('mini', { widthMultiplier: 0.01, classes: 3, seed: 5 });
    const { files: old } = await writeOnnxFile(file, other, SHARDED);
    const bystanders = [
      'model.onnx.data',
      'model.onnx.data-00001',
      'other.onnx.data-00001-00000000',
    ];
    for (const name of bystanders) await writeFile(join(folder, name), 'mine');
    const { files } = await writeOnnxFile(file, model, SHARDED);
    const names = ({ name }: { readonly name: string }) => name;
    expect(files.map(names)).not.toEqual(old.map(names));
    const expected = ['model.onnx', ...files.map(names), ...bystanders];
    expect((await readdir(folder)).sort()).toEqual(expected.sort());
    await writeOnnxFile(file, model);
    expect((await readdir(folder)).sort()).toEqual(['model.onnx', ...bystanders].sort());
  });

  test('nothing away that an old model names, but we did not write', async () => {
    const sha256 = '0'.repeat(64);
    const names = ['precious.txt', 'sub.onnx.data-00001-00000000'];
    const proto = toOnnx(model);
    const value = JSON.stringify(names.map((name) => ({ name, bytes: 4, sha256 })));
    const metadataProps = [...proto.metadataProps, { key: 'alexnet.files', value }];
    await writeFile(file, encodeModel({ ...proto, metadataProps }));
    for (const name of names) await writeFile(join(folder, name), 'mine');
    await writeOnnxFile(file, model, SHARDED);
    for (const name of names) expect(await readFile(join(folder, name), 'utf8')).toBe('mine');
  });

  test('what comes back as the same network', async () => {
    await writeOnnxFile(file, model, SHARDED);
    const apart = await readOnnxFile(file);
    await writeOnnxFile(join(folder, 'whole.onnx'), model);
    const whole = await readOnnxFile(join(folder, 'whole.onnx'));
    expect(apart.graph).toEqual(whole.graph);
    expect([...apart.weights]).toEqual([...whole.weights]);
    expect(apart.metadata).toEqual(whole.metadata);
  });
});

describe('leaves the old model as it was when', () => {
  const other = createModel('mini', { widthMultiplier: 0.01, classes: 3, seed: 5 });
  let before: readonly string[];
  beforeEach(async () => {
    await writeOnnxFile(file, model, SHARDED);
    before = (await readdir(folder)).sort();
  });
  const expectUntouched = async () => {
    vi.restoreAllMocks();
    expect((await readdir(folder)).sort()).toEqual(before);
    expect([...(await readOnnxFile(file)).weights]).toEqual([...model.weights]);
  };

  /** The call of all open files that fails from the `count`th time on. */
  async function failFrom(count: number, call: 'write' | 'sync'): Promise<void> {
    const handle = await open(file, 'r');
    const prototype = Object.getPrototypeOf(handle) as Record<typeof call, typeof handle.sync>;
    const { [call]: original } = prototype;
    await handle.close();
    let calls = 0;
    vi.spyOn(prototype, call).mockImplementation(function (this: unknown, ...given) {
      calls += 1;
      if (calls < count) return Reflect.apply(original, this, given);
      return Promise.reject(Object.assign(new Error('mocked'), { code: 'ENOSPC' }));
    });
  }

  test.each([1, 4])('the disk is full at file %i', async (count) => {
    await failFrom(count, 'sync');
    expect(await refusal(writeOnnxFile(file, other, SHARDED))).toContain('DISK_FULL');
    await expectUntouched();
  });

  test('the disk is full in the middle of a file', async () => {
    await failFrom(4, 'write');
    expect(await refusal(writeOnnxFile(file, other, SHARDED))).toContain('DISK_FULL');
    await expectUntouched();
  });

  test('a name is taken by a folder', async () => {
    const elsewhere = join(folder, 'sub');
    await mkdir(elsewhere);
    const { files } = await writeOnnxFile(join(elsewhere, 'model.onnx'), other, SHARDED);
    await rm(elsewhere, { recursive: true });
    const last = files.at(-1)?.name ?? '';
    await mkdir(join(folder, last));
    expect(await refusal(writeOnnxFile(file, other, SHARDED))).toContain('is a folder, not a file');
    await rm(join(folder, last), { recursive: true });
    await expectUntouched();
  });

  test('a row of a weight is longer than a file may be', async () => {
    const narrow = { externalData: true, shardSizeBytes: 300 };
    expect(await refusal(writeOnnxFile(file, other, narrow))).toContain('One row of');
    await expectUntouched();
  });
});

describe('refuses', () => {
  test.each([0, -1, 1.5, Number.NaN])('shards of %d bytes', async (shardSizeBytes) => {
    const written = writeOnnxFile(file, model, { externalData: true, shardSizeBytes });
    expect(await refusal(written)).toContain(
      `INVALID_ARGUMENT: shardSizeBytes is ${shardSizeBytes}`,
    );
  });

  test('a size of files that nobody asked for', async () => {
    const written = writeOnnxFile(file, model, { shardSizeBytes: 5_000 });
    expect(await refusal(written)).toContain('but none are asked for');
    expect(await readdir(folder)).toEqual([]);
  });

  test('a folder that is missing', async () => {
    const written = writeOnnxFile(join(folder, 'no', 'model.onnx'), model, SHARDED);
    expect(await refusal(written)).toContain('NOT_FOUND: Could not write');
  });
});

describe('reads', () => {
  test('no file that was altered, and says so', async () => {
    const { files } = await writeOnnxFile(file, model, SHARDED);
    await appendFile(join(folder, files[1]?.name ?? ''), 'x');
    const message = await refusal(readOnnxFile(file));
    expect(message).toContain('INVALID_MODEL');
    expect(message).toContain(`${files[1]?.name} has the SHA1`);
  });
});
