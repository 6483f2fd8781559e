// A run's checkpoints: read by Hugging Face's own reader (PyPI: safetensors), held against their checksums when a
// training goes on, and gone on from another one where the last is damaged.
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeCheckpoint } from '@alexnet/train';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requireOrSkip } from './require.ts';

const PYTHON = process.env.ALEXNET_PYTHON ?? '';
const SCRIPT = fileURLToPath(new URL('python/read_safetensors.py', import.meta.url));
const MISSING = 'ALEXNET_PYTHON is not set: a Python with tests/python/requirements.txt.';
const CLI = fileURLToPath(new URL('../apps/cli/bin/alexnet.js', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../examples/data/fashion-mnist', import.meta.url));
const SETTINGS = ['--preset', 'mnist', '--width', '0.05', '--threads', '1', '--validation', '0'];
const STEPS = ['--batch-size', '32', '--max-steps', '9', '--checkpoint-steps', '4', '--keep', '2'];

let root = '';
let whole = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-damaged-'));
  whole = join(root, 'whole');
  const { status, stderr } = alexnet('train', SAMPLE, ...SETTINGS, ...STEPS, '--out', whole);
  expect(status, stderr).toBe(0);
});
afterAll(() => rm(root, { recursive: true }));

function alexnet(...args: readonly string[]) {
  return spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
}

const fileAt = (run: string, step: number) => join(run, 'checkpoints', `step-${step}.safetensors`);

interface Found {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: Readonly<
    Record<string, { readonly dtype: string; readonly shape: number[]; readonly sha256: string }>
  >;
  readonly sums: unknown;
}

test("other programs read a checkpoint, and its checksums are those of Python's zlib", async (context) => {
  requireOrSkip(context, 'PYTHON', PYTHON !== '', MISSING);
  const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, fileAt(whole, 9)], {
    maxBuffer: 2 ** 26,
  });
  const { metadata, tensors, sums }: Found = JSON.parse(stdout);
  const { graph, state, progress } = decodeCheckpoint(await readFile(fileAt(whole, 9)));
  expect(progress.step).toBe(9);
  expect(Object.keys(tensors).sort()).toEqual([...state.keys()].sort());
  for (const [name, { shape, data }] of state) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(tensors[name], name).toEqual({ dtype: 'float32', shape, sha256 });
  }
  expect(JSON.parse(metadata['alexnet.graph'] ?? '')).toEqual(graph);
  expect(JSON.parse(metadata['alexnet.crc32'] ?? '')).toEqual(sums);
});

test('a damaged last checkpoint is named, with the one to go on from, which ends in the same bytes', async () => {
  const run = join(root, 'run');
  await cp(whole, run, { recursive: true });
  const bytes = await readFile(fileAt(run, 9));
  const at = bytes.length - 1;
  await writeFile(fileAt(run, 9), bytes.fill((bytes[at] ?? 0) ^ 0x40, at));
  for (const [pointer, args] of [
    ['last', ['train', '--resume', run]],
    ['best', ['export', join(root, 'model.onnx'), '--from', run]],
  ] as const) {
    const { status, stderr } = alexnet(...args);
    expect(stderr).toContain(
      `error: ${fileAt(run, 9)}: This safetensors file is damaged: tensor "`,
    );
    expect(stderr).toContain(
      `whole by writing its name into ${join(run, pointer)}: step-8.safetensors.`,
    );
    expect(status).toBe(1);
  }
  await writeFile(join(run, 'last'), 'step-8.safetensors\n');
  expect(alexnet('train', '--resume', run).status).toBe(0);
  expect((await readFile(fileAt(run, 9))).equals(await readFile(fileAt(whole, 9)))).toBe(true);
});

test('a damaged checkpoint is no MODEL', async () => {
  const file = join(root, 'step-9.safetensors');
  const bytes = await readFile(fileAt(whole, 9));
  const at = bytes.length - 1;
  await writeFile(file, bytes.fill((bytes[at] ?? 0) ^ 0x40, at));
  const { status, stderr } = alexnet('inspect', file);
  expect(stderr).toMatch(
    /^error: .*step-9\.safetensors: .* is damaged: tensor ".*" has the CRC-32/m,
  );
  expect(status).toBe(1);
});
