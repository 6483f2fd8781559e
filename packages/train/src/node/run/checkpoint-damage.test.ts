import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, createTensor } from '@alexnet/core';
import { encodeSafetensors } from '@alexnet/core/safetensors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Checkpoint, encodeCheckpoint, NO_PROGRESS } from '../../checkpoint/checkpoint.ts';
import { readCheckpointFile, writeCheckpointFile } from './checkpoint-file.ts';
import { createRunFolder, openRunFolder } from './run-folder.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-damage-'));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const { graph, weights, metadata } = createModel('mnist', { widthMultiplier: 1 / 64 });
const momenta = [...weights].map(([name, { shape }]) => {
  return [`${name}/momentum`, createTensor(shape)] as const;
});
function checkpointAt(step: number): Checkpoint {
  const state = new Map([...weights, ...momenta]);
  return { graph, metadata, state, progress: { ...NO_PROGRESS, step } };
}

/** Turns a bit of the last byte of a text, where it stands first, or of the byte at a place. */
async function turnBit(file: string, where: string | number): Promise<void> {
  const bytes = await readFile(file);
  const place = typeof where === 'number' ? where : bytes.indexOf(where) + where.length - 1;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

describe('a checkpoint', () => {
  let file = '';
  beforeEach(async () => {
    file = join(root, 'step-1.safetensors');
    await writeCheckpointFile(file, checkpointAt(1));
  });

  test('that is summed while it is written is the one that is summed before', async () => {
    expect((await readFile(file)).equals(Buffer.concat(encodeCheckpoint(checkpointAt(1))))).toBe(
      true,
    );
    expect((await readCheckpointFile(file)).progress.step).toBe(1);
  });

  test.each([
    ['its progress', '\\"step\\":1'],
    ['its network', '{\\"op'],
    ['its preprocessing', '\\"mean\\":[0'],
  ])('with a bit turned in %s is told of by file and header', async (_what, where) => {
    await turnBit(file, where);
    await expect(readCheckpointFile(file)).rejects.toMatchObject({
      code: 'INVALID_CHECKPOINT',
      message: expect.stringMatching(/step-1\.safetensors: .* damaged: its header has the CRC-32/),
    });
  });

  test('with a bit turned in any tensor is told of by file and tensor', async () => {
    const { size } = await stat(file);
    const { state } = checkpointAt(1);
    let behind = [...state.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    for (const [name, { data }] of state) {
      await writeCheckpointFile(file, checkpointAt(1));
      await turnBit(file, size - behind + data.byteLength - 1);
      behind -= data.byteLength;
      await expect(readCheckpointFile(file)).rejects.toMatchObject({
        code: 'INVALID_CHECKPOINT',
        message: expect.stringContaining(
          `${file}: This safetensors file is damaged: tensor "${name}"`,
        ),
        path: [file, name],
      });
    }
  });

  test('that is cut short is told of by what is missing', async () => {
    await truncate(file, 2000);
    await expect(readCheckpointFile(file)).rejects.toMatchObject({
      code: 'INVALID_CHECKPOINT',
      message: expect.stringContaining('no complete safetensors file'),
    });
  });

  test('of an earlier version, without checksums, is read', async () => {
    const { state, progress } = checkpointAt(7);
    const parts = encodeSafetensors(state, {
      'alexnet.graph': JSON.stringify(graph),
      'alexnet.metadata': JSON.stringify(metadata),
      'alexnet.progress': JSON.stringify(progress),
    });
    await writeFile(file, Buffer.concat(parts));
    expect((await readCheckpointFile(file)).progress.step).toBe(7);
  });
});

describe('a run whose last checkpoint is damaged', () => {
  const run = () => join(root, 'run');
  const fileAt = (step: number) => join(run(), 'checkpoints', `step-${step}.safetensors`);
  const stepsLeft = async () => {
    const names = await readdir(join(run(), 'checkpoints'));
    return names.map((name) => Number(/\d+/.exec(name)?.[0])).sort((a, b) => a - b);
  };

  test('says which of the others are whole, the newest first', async () => {
    const retention = { newest: 2, everySteps: 3 };
    const folder = await createRunFolder(run(), {}, retention);
    for (let step = 1; step <= 10; step++) {
      await folder.saveCheckpoint(checkpointAt(step), { best: step === 2 });
    }
    expect(await stepsLeft()).toEqual([2, 3, 6, 9, 10]);
    await turnBit(fileAt(10), '\\"step\\":1');
    await turnBit(fileAt(6), '\\"step\\":6');
    await expect(folder.readLastCheckpoint()).rejects.toMatchObject({
      code: 'INVALID_CHECKPOINT',
      message: expect.stringContaining(`${fileAt(10)}: This safetensors file is damaged`),
      hint: `Restore it from a copy, or go on from one that is whole by writing its name into ${join(run(), 'last')}: step-9.safetensors, step-3.safetensors, step-2.safetensors (best).`,
      path: [fileAt(10)],
    });
    await writeFile(join(run(), 'last'), 'step-9.safetensors\n');
    expect((await folder.readLastCheckpoint())?.progress.step).toBe(9);
  });

  test('says so where no other is left', async () => {
    const folder = await createRunFolder(run(), {});
    await folder.saveCheckpoint(checkpointAt(1), { best: true });
    await turnBit(fileAt(1), '\\"step\\":1');
    for (const which of ['best', 'last'] as const) {
      await expect(folder.readCheckpoint(which)).rejects.toMatchObject({
        code: 'INVALID_CHECKPOINT',
        hint: 'No checkpoint of this run is left that can be read; restore one from a copy.',
      });
    }
  });

  test('and goes on from another one never has the damaged one alone, nor keeps it for a newer one', async () => {
    const retention = { newest: 2, everySteps: null };
    const folder = await createRunFolder(run(), {}, retention);
    for (const step of [2, 4, 8]) {
      await folder.saveCheckpoint(checkpointAt(step), { best: step === 4 });
    }
    await turnBit(fileAt(8), '\\"step\\":8');
    await writeFile(join(run(), 'last'), 'step-4.safetensors\n');
    const resumed = await openRunFolder(run(), retention);
    const left: (readonly number[])[] = [];
    for (const step of [5, 6, 8, 9]) {
      await resumed.saveCheckpoint(checkpointAt(step), { best: false });
      left.push(await stepsLeft());
    }
    expect(left).toEqual([
      [4, 5, 8],
      [4, 5, 6, 8],
      [4, 6, 8],
      [4, 8, 9],
    ]);
    expect((await readCheckpointFile(fileAt(8))).progress.step).toBe(8);
  });
});
