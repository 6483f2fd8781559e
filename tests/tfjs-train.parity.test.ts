// `alexnet train --engine`: a run of one engine goes on in the other, and nothing else about it changes.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encodePng } from '@alexnet/data/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectRelativelyClose } from './ops/compare.ts';
import { requireTensorFlow } from './ops/tensorflow.ts';

const command = fileURLToPath(new URL('../apps/cli/bin/alexnet.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'alexnet-tfjs-train-'));
const photos = join(root, 'photos');
afterAll(() => rmSync(root, { recursive: true }));

beforeEach(requireTensorFlow);

/** Two classes that differ in brightness. */
beforeAll(async () => {
  for (const [label, grey] of [
    ['dark', 30],
    ['light', 220],
  ] as const) {
    await mkdir(join(photos, label), { recursive: true });
    for (let i = 0; i < 16; i++) {
      const pixels = new Uint8Array(28 * 28).fill(grey + i);
      const png = await encodePng({ width: 28, height: 28, channels: 1, pixels });
      await writeFile(join(photos, label, `${i}.png`), png);
    }
  }
});

const SETTINGS = ['--preset', 'mnist', '--width', '0.1', '--batch-size', '8', '--threads', '1'];
const EPOCHS = ['--epochs', '4', '--validation', '0.25', '--augment', 'none'];

async function alexnet(...args: readonly string[]) {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [command, ...args]);
  const events: readonly Record<string, unknown>[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { events, stderr };
}

const train = (engine: string, run: string, ...more: readonly string[]) =>
  alexnet(
    ...['train', photos, ...SETTINGS, ...EPOCHS, ...more, '--json'],
    ...['--engine', engine, '--out', join(root, run)],
  );

function lossesOf(events: readonly Record<string, unknown>[]): number[] {
  return events.filter(({ event }) => event === 'epoch').map(({ loss }) => Number(loss));
}

function readConfig(run: string) {
  return JSON.parse(readFileSync(join(root, run, 'config.json'), 'utf8'));
}

/** By kind: the fields of each event. */
function shapesOf(events: readonly Record<string, unknown>[]) {
  return events.map((event) => `${event.event}: ${Object.keys(event).sort().join(' ')}`);
}

const ENGINES = ['onnxruntime', 'tfjs'] as const;

describe('whole trainings', () => {
  test('give the same events, losses and files, and say what ran', async () => {
    const [one, two] = [await train('onnxruntime', 'whole-ort'), await train('tfjs', 'whole-tfjs')];
    expect(shapesOf(two.events)).toEqual(shapesOf(one.events));
    const tolerance = AGREEMENT_TOLERANCES.tfjsLoss;
    expectRelativelyClose(lossesOf(two.events), lossesOf(one.events), 'losses', tolerance);
    const files = (run: string) => readdirSync(join(root, run), { recursive: true }).map(String);
    const named = (run: string) =>
      files(run)
        .map((name) => name.replace(/events\.out\.tfevents.*/, 'tfevents'))
        .sort();
    expect(named('whole-tfjs')).toEqual(named('whole-ort'));
    expect(one.stderr).toMatch(/engine +onnxruntime .* on cpu/);
    expect(two.stderr).toMatch(/engine +tfjs 4\.22\.0 with TensorFlow .* on cpu/);
    const { engine, ...rest } = readConfig('whole-tfjs');
    expect(engine).toEqual({ name: 'tfjs', device: 'cpu' });
    expect(rest).toEqual({ ...readConfig('whole-ort'), engine: undefined });
  });

  test.each(ENGINES)('a run that %s began goes on in the other engine', async (first) => {
    const second = first === 'tfjs' ? 'onnxruntime' : 'tfjs';
    const run = `begun-${first}`;
    const whole = await train(first, `${run}-whole`);
    // As if it had been killed after its second epoch.
    await train(first, run, '--keep', '4');
    await writeFile(join(root, run, 'last'), 'step-6.safetensors\n');
    const { events, stderr } = await alexnet(
      ...['train', '--resume', join(root, run), '--engine', second, '--json'],
    );
    expect(stderr).toMatch(new RegExp(`engine +${second} `));
    const expected = lossesOf(whole.events);
    const found = lossesOf(events);
    expect(found).toHaveLength(2);
    expectRelativelyClose(
      found,
      expected.slice(-found.length),
      'losses',
      AGREEMENT_TOLERANCES.tfjsLoss,
    );
    expect(readConfig(run).engine).toEqual({ name: second, device: 'cpu' });
  });
});

test('frozen layers are computed once, and the head trains on TensorFlow', async () => {
  const args = ['--freeze', 'conv*', '--epochs', '2'];
  const [one, two] = [
    await train('onnxruntime', 'head-ort', ...args),
    await train('tfjs', 'head-tfjs', ...args),
  ];
  expect(two.stderr).toContain('features  of ');
  const tolerance = AGREEMENT_TOLERANCES.tfjsLoss;
  expectRelativelyClose(lossesOf(two.events), lossesOf(one.events), 'losses', tolerance);
});

test('a device that is not there is an error', async () => {
  await expect(train('tfjs', 'cuda', '--device', 'cuda')).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('alexnet setup tfjs --gpu'),
  });
});
