import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createRandom, isMeanImage, type MeanImage } from '@alexnet/core';
import { WireType, WireWriter } from '@alexnet/core/protobuf';
import { encodePng } from '@alexnet/data/node';
import { type OnnxMetadata, readOnnxMetadata } from '@alexnet/export';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// A mean image on its way: measured, trained with, stored, exported, applied.

const COMMAND = fileURLToPath(new URL('../apps/cli/bin/alexnet.js', import.meta.url));
const CAFFEMODEL = fileURLToPath(
  new URL('golden/weights/caffe/alexnet-snapshot.caffemodel', import.meta.url),
);
const TRAINING = ['--preset', 'mini', '--validation', '0', '--max-steps', '1', '--batch-size', '8'];

const root = mkdtempSync(join(tmpdir(), 'alexnet-mean-'));
const photos = join(root, 'photos');
const picture = join(photos, 'dark', '0.png');
const pathOf = (name: string) => join(root, name);

beforeAll(async () => {
  for (const [index, label] of ['dark', 'light'].entries()) {
    mkdirSync(join(photos, label), { recursive: true });
    for (let i = 0; i < 4; i++) {
      const random = createRandom(10 * index + i);
      const [width, height] = [50 + 3 * i, 40 + index];
      const pixels = Uint8Array.from(
        { length: width * height * 3 },
        () => 100 * index + random.integer(150),
      );
      const png = await encodePng({ width, height, channels: 3, pixels });
      writeFileSync(join(photos, label, `${i}.png`), png);
    }
  }
  await run('train', photos, ...TRAINING, '--mean', 'image', '--out', pathOf('run'));
  await run('export', pathOf('model.onnx'), '--from', pathOf('run'));
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

async function run(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...args], { cwd: root });
  return stdout;
}

function metadataOf(file: string): OnnxMetadata['metadata'] {
  return readOnnxMetadata(readFileSync(pathOf(file))).metadata;
}

function meanOf(file: string): MeanImage | null {
  const mean = metadataOf(file).preprocessing?.mean;
  return mean !== undefined && isMeanImage(mean) ? mean : null;
}

test('what stats writes is what --mean takes, and what --mean image measures', async () => {
  const mean = pathOf('mean.npy');
  await run('data', 'stats', photos, '--preset', 'mini', '--mean-image', mean);
  await run('train', photos, ...TRAINING, '--mean', mean, '--out', pathOf('again'));
  await run('export', pathOf('again.onnx'), '--from', pathOf('again'));
  expect(meanOf('again.onnx')).toMatchObject({ height: 256, width: 256 });
  expect(meanOf('again.onnx')).toEqual(meanOf('model.onnx'));
});

test("what Caffe's file says of an imported network is what the same array as .npy says", async () => {
  // BlobProto of caffe.proto: num 1, channels 2, height 3, width 4, data 5; blue first.
  const npy = readFileSync(pathOf('mean.npy'));
  const planes = npy.subarray(npy.length - 4 * 3 * 256 * 256);
  const [red, green, blue] = [0, 1, 2].map((c) =>
    planes.subarray(c * 4 * 65536, (c + 1) * 4 * 65536),
  );
  const writer = new WireWriter();
  for (const [field, value] of [1, 3, 256, 256].entries()) {
    writer.uint32((field + 1) * 8 + WireType.varint).uint32(value);
  }
  writer.uint32(5 * 8 + WireType.bytes);
  writer.delimited(Buffer.concat([blue, green, red].flatMap((plane) => plane ?? [])));
  writeFileSync(pathOf('mean.binaryproto'), writer.finish());
  for (const mean of ['mean.binaryproto', 'mean.npy']) {
    await run('import', CAFFEMODEL, '-o', pathOf(`${mean}.onnx`), '--mean', pathOf(mean));
  }
  expect(meanOf('mean.npy.onnx')).toMatchObject({ height: 256, width: 256 });
  const [ofCaffe, ofNumpy] = ['mean.binaryproto.onnx', 'mean.npy.onnx'].map((file) =>
    readFileSync(pathOf(file)),
  );
  expect(ofCaffe?.equals(ofNumpy ?? Buffer.of())).toBe(true);
  await run('import', CAFFEMODEL, '-o', pathOf('plain.onnx'));
  const [less, plain] = await Promise.all(
    ['mean.npy.onnx', 'plain.onnx'].map((file) => run('predict', pathOf(file), picture, '--json')),
  );
  expect(less).not.toBe(plain);
});

test('the colours of the training pictures are stored with the model that was centred on them', () => {
  const { colours } = metadataOf('model.onnx').provenance ?? {};
  // Dark ones are 0 to 149, light ones 100 to 249, about evenly.
  for (const value of colours?.mean ?? [0]) expect(value).toBeCloseTo(124.5 / 255, 1);
  expect(colours?.eigenvalues).toHaveLength(3);
});

test('a run that was stopped before its first checkpoint has its mean from config.json', async () => {
  rmSync(pathOf('run/checkpoints/step-1.safetensors'));
  rmSync(pathOf('run/last'));
  rmSync(pathOf('run/best'));
  await run('train', '--resume', pathOf('run'));
  await run('export', pathOf('resumed.onnx'), '--from', pathOf('run'));
  expect(readFileSync(pathOf('resumed.onnx'))).toEqual(readFileSync(pathOf('model.onnx')));
});

describe('gives the same answer', () => {
  const answer = (model: string) => run('predict', pathOf(model), picture, '--json');

  test.each(['again', 'back.onnx', 'weights.safetensors', 'bytes.onnx'])('as %s', async (form) => {
    const from = ['--from', pathOf('model.onnx')];
    if (form !== 'again') {
      const embed = form === 'bytes.onnx' ? ['--embed', 'preprocessing'] : [];
      await run('export', pathOf(form), ...from, ...embed);
    }
    expect(await answer(form)).toBe(await answer('model.onnx'));
  });

  test('in a file that resizes too: within the last bits', async () => {
    const file = pathOf('resize.onnx');
    await run('export', file, '--from', pathOf('model.onnx'), '--embed', 'resize');
    expect(await answer('resize.onnx')).toBe(await answer('model.onnx'));
  });
});

test('eval measures and parity compares with it', async () => {
  const measured = JSON.parse(await run('eval', pathOf('model.onnx'), photos, '--json'));
  expect(measured).toMatchObject({ count: 8, loss: expect.any(Number) });
  const options = ['--pictures', photos, '--runtimes', 'node-cpu', '--json'];
  expect(JSON.parse(await run('parity', pathOf('model.onnx'), ...options))).toMatchObject({
    passed: true,
  });
});

test.each([
  ['--resume', ['--resume', 'run'], "'--mean <what>' cannot be used with"],
  ['a file of nothing', [photos, ...TRAINING], 'nowhere.npy'],
])('is refused with %s', async (_what, args, says) => {
  const failed = await run('train', ...args, '--mean', 'nowhere.npy').catch((error) => error);
  expect(failed.stderr).toContain(says);
});
