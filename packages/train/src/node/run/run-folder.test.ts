import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel } from '@alexnet/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Checkpoint, NO_PROGRESS } from '../../checkpoint/checkpoint.ts';
import { createRunFolder, findNewestRun, openRunFolder } from './run-folder.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'alexnet-run-'));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const { graph, weights, metadata } = createModel('mnist', { widthMultiplier: 1 / 64 });
function checkpointAt(step: number): Checkpoint {
  return {
    graph,
    metadata,
    state: weights,
    progress: { ...NO_PROGRESS, step },
  };
}

describe('run folder', () => {
  test('keeps the best and the last checkpoint and removes the others', async () => {
    const run = await createRunFolder(join(root, 'run'), {});
    await run.saveCheckpoint(checkpointAt(1), { best: false });
    await run.saveCheckpoint(checkpointAt(2), { best: true });
    await run.saveCheckpoint(checkpointAt(3), { best: false });
    await run.saveCheckpoint(checkpointAt(4), { best: false });
    expect((await readdir(join(root, 'run', 'checkpoints'))).sort()).toEqual([
      'step-2.safetensors',
      'step-4.safetensors',
    ]);
    const again = await openRunFolder(join(root, 'run'));
    expect((await again.readCheckpoint('best'))?.checkpoint.progress.step).toBe(2);
    expect((await again.readCheckpoint('last'))?.checkpoint.progress.step).toBe(4);
  });

  test('keeps as many of the newest as it is told to, and every so many steps one', async () => {
    const retention = { newest: 2, everySteps: 3 };
    const run = await createRunFolder(join(root, 'run'), {}, retention);
    for (let step = 1; step <= 8; step++) {
      await run.saveCheckpoint(checkpointAt(step), { best: step === 2 });
    }
    const names = await readdir(join(root, 'run', 'checkpoints'));
    expect(names.sort()).toEqual([2, 3, 6, 7, 8].map((step) => `step-${step}.safetensors`));
  });

  test('without a step it can be removed, and what was there before stays', async () => {
    const own = join(root, 'runs', 'own');
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'notes.txt'), 'mine');
    await (await createRunFolder(own, {})).discardUnused();
    expect(await readdir(own)).toEqual(['notes.txt']);
    const fresh = await createRunFolder(join(root, 'more', 'fresh'), {});
    const lock = await fresh.lock();
    await fresh.discardUnused();
    await lock.release();
    expect(await readdir(root)).toEqual(['runs']);
  });

  test('with a step it stays', async () => {
    const run = await createRunFolder(join(root, 'run'), {});
    const figures = { epoch: 1, step: 1, loss: 1, accuracy: 0, learningRate: 1 };
    await run.appendMetrics({ event: 'step', ...figures, picturesPerSecond: 1 });
    await run.discardUnused();
    expect(await readdir(join(root, 'run'))).toContain('metrics.jsonl');
  });

  test('a checkpoint that is gone is told by who names it, with those that are there', async () => {
    const run = await createRunFolder(join(root, 'run'), {}, { newest: 2, everySteps: null });
    for (const step of [1, 2]) await run.saveCheckpoint(checkpointAt(step), { best: false });
    const folder = join(root, 'run', 'checkpoints');
    await rm(join(folder, 'step-2.safetensors'));
    await expect(run.readLastCheckpoint()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/last names step-2\.safetensors/),
      hint: expect.stringContaining('step-1.safetensors'),
    });
    await rm(join(folder, 'step-1.safetensors'));
    await expect(run.readLastCheckpoint()).rejects.toMatchObject({
      hint: expect.stringContaining('No checkpoint'),
    });
  });

  test('a folder that is gone is an error of its own, not a fault of the program', async () => {
    const run = await createRunFolder(join(root, 'run'), {});
    await rm(join(root, 'run'), { recursive: true });
    const event = { event: 'warning', message: 'x' } as const;
    await expect(run.appendMetrics(event)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('removes what a kill left half written, and nothing of others', async () => {
    const run = await createRunFolder(join(root, 'run'), {});
    const folder = join(root, 'run', 'checkpoints');
    await writeFile(join(folder, 'step-9.safetensors.0a1b-2c.tmp'), 'half');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await run.saveCheckpoint(checkpointAt(1), { best: true });
    expect((await readdir(folder)).sort()).toEqual(['notes.txt', 'step-1.safetensors']);
  });

  test('whoever takes the folder removes what a kill left of its other files', async () => {
    const run = await createRunFolder(join(root, 'run'), {});
    await writeFile(join(root, 'run', 'last.0a1b-2c.tmp'), 'step-');
    await writeFile(join(root, 'run', 'config.json.0a1b-2c.tmp'), '{');
    await writeFile(join(root, 'run', 'notes.tmp'), 'mine');
    const lock = await run.lock();
    await lock.release();
    expect((await readdir(join(root, 'run'))).sort()).toEqual([
      'checkpoints',
      'config.json',
      'notes.tmp',
    ]);
  });

  test('has no checkpoint before the first', async () => {
    const run = await createRunFolder(join(root, 'run'), {});
    expect(await run.readCheckpoint('last')).toBeNull();
  });

  test('the settings come back', async () => {
    await createRunFolder(join(root, 'run'), { seed: 3 });
    const run = await openRunFolder(join(root, 'run'));
    expect(await run.readConfig()).toEqual({ seed: 3 });
  });

  test('a second run in the same folder is refused', async () => {
    await createRunFolder(join(root, 'run'), {});
    await expect(createRunFolder(join(root, 'run'), {})).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      hint: expect.stringContaining('--resume'),
    });
  });

  test('of several that begin in one folder at once, one has it, and its settings stay', async () => {
    const path = join(root, 'run');
    const begun = await Promise.allSettled(
      Array.from({ length: 8 }, async (_, index) => {
        await createRunFolder(path, { index });
        return index;
      }),
    );
    const winners = begun.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    expect(winners).toHaveLength(1);
    expect(await (await openRunFolder(path)).readConfig()).toEqual({ index: winners[0] });
    for (const each of begun) {
      if (each.status === 'fulfilled') continue;
      expect(['LOCKED', 'ALREADY_EXISTS']).toContain(each.reason.code);
    }
  });

  test('a folder without a run is refused', async () => {
    await expect(openRunFolder(root)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('metrics are cut back to a step, and to whole lines', async () => {
    const run = await createRunFolder(join(root, 'run'), {});
    const file = join(root, 'run', 'metrics.jsonl');
    const line = (step: number) => `${JSON.stringify({ event: 'step', step })}\n`;
    await writeFile(file, `${line(1)}${line(2)}${line(3)}{"event":"st`);
    await run.rewindMetrics(2);
    expect(await readFile(file, 'utf8')).toBe(line(1) + line(2));
    expect(await run.readMetrics()).toEqual([
      { event: 'step', step: 1 },
      { event: 'step', step: 2 },
    ]);
  });

  test('a pointer that leads out of the folder is refused', async () => {
    const run = await createRunFolder(join(root, 'run'), {});
    await writeFile(join(root, 'run', 'last'), '../../secret.safetensors\n');
    await expect(run.readCheckpoint('last')).rejects.toMatchObject({ code: 'INVALID_CHECKPOINT' });
  });

  test('the newest run is the one whose best checkpoint is newest', async () => {
    expect(await findNewestRun(join(root, 'runs'))).toBeNull();
    const first = await createRunFolder(join(root, 'runs', 'a-1'), {});
    const second = await createRunFolder(join(root, 'runs', 'a-2'), {});
    await createRunFolder(join(root, 'runs', 'a-3'), {});
    await second.saveCheckpoint(checkpointAt(1), { best: true });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await first.saveCheckpoint(checkpointAt(1), { best: true });
    expect(await findNewestRun(join(root, 'runs'))).toBe(join(root, 'runs', 'a-1'));
  });
});
