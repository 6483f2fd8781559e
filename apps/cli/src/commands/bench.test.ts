import { expect, test } from 'vitest';
import { call } from '../terminal/test-terminal.ts';

const MINI = ['bench', 'training', '--preset', 'mini', '--batch-size', '2', '--steps', '1'];

test('times training steps and shows where the time goes', async () => {
  const { exitCode, results, notes } = await call(...MINI, '--threads', '1', '--profile', '--json');
  expect({ exitCode, notes }).toEqual({ exitCode: 0, notes: '' });
  const result = JSON.parse(results.join('\n'));
  expect(result).toMatchObject({
    preset: 'mini',
    batchSize: 2,
    engine: { engine: 'onnxruntime', device: 'cpu', threads: 1 },
  });
  expect(result.picturesPerSecond).toBeCloseTo(2000 / result.medianMs, 6);
  const rows: { layer: string; kind: string; ms: number }[] = result.profile;
  const places = rows.map(({ layer, kind }) => `${layer} ${kind}`);
  expect(places).toEqual(
    expect.arrayContaining([
      'conv1 forward',
      'conv1 weight gradient',
      'conv2 data gradient',
      'pool1 gradient',
      'conv1 update',
      'loss forward',
    ]),
  );
  expect(new Set(places).size).toBe(places.length);
  expect(rows.map(({ ms }) => ms)).toEqual(rows.map(({ ms }) => ms).toSorted((a, b) => b - a));
});

test('says it in words', async () => {
  const { exitCode, results } = await call(...MINI, '--profile');
  expect(exitCode).toBe(0);
  expect(results[0]).toMatch(/^mini, batch 2: \d+ ms a step/);
  expect(results.some((line) => /^conv1 +weight gradient +\d/.test(line))).toBe(true);
  expect(results.at(-1)).toMatch(/^all .*100\.0 %/);
});

test('names the presets where one is unknown', async () => {
  const { exitCode, notes } = await call('bench', 'training', '--preset', 'alexnot');
  expect(exitCode).toBe(2);
  expect(notes).toContain('torchvision');
});
