import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parseRunConfig } from './run-config.ts';

/** Of a run that an earlier version began. */
const OLDER = new URL('../../../../tests/golden/older-run/run/config.json', import.meta.url);

async function readOlder() {
  return JSON.parse(await readFile(OLDER, 'utf8'));
}

describe('the configuration of an earlier version', () => {
  test('keeps what it says, and uses nothing that came later', async () => {
    const { data, training, ...older } = await readOlder();
    const config = parseRunConfig({ ...older, data, training });
    expect(config).toMatchObject({ ...older, version: 2, data });
    expect(config.training).toEqual({
      ...training,
      schedule: { kind: 'one-cycle', rise: 0.25 },
      microBatches: 1,
      clip: null,
      averageDecay: null,
      factors: {},
      labelSmoothing: 0,
      classWeights: null,
      mixing: null,
      unfreezeAt: null,
      checkpointEpochs: 1,
      checkpointMinutes: null,
    });
    expect(config.network).toMatchObject({ freeze: [], reinit: [], lrMult: [], decayMult: [] });
    expect(config.checkpoints).toEqual({ keep: 1, keepEvery: null });
    expect(config.featureVariants).toBeNull();
    expect(config.engine).toEqual({ name: 'onnxruntime', device: 'cpu' });
  });

  test('is read the same once it is written as one of this version', async () => {
    const config = parseRunConfig(await readOlder());
    expect(parseRunConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  test.each([
    ['seed', 'seed should be a whole number of at least 0, but is missing'],
    ['schedule', 'schedule should be'],
    ['optimizer', 'optimizer should be'],
  ])('is refused without %s, which decides the result', async (name, message) => {
    const older = await readOlder();
    delete older.training[name];
    expect(() => parseRunConfig(older)).toThrow(
      expect.objectContaining({
        code: 'INVALID_CHECKPOINT',
        message: expect.stringContaining(message),
        hint: expect.stringContaining('--from RUN'),
      }),
    );
  });
});

test('what is said of the source comes back', async () => {
  const config = parseRunConfig(await readOlder());
  const source = {
    kind: 'list',
    root: '/photos',
    columns: 'file,label',
    shrinkOnLoad: 256,
    maxBad: 0.5,
  } as const;
  const written = { ...config, data: { ...config.data, source } };
  expect(parseRunConfig(JSON.parse(JSON.stringify(written)))).toEqual(written);
});

test('a field that this version writes is not made up', async () => {
  const { featureVariants: _, ...config } = parseRunConfig(await readOlder());
  expect(() => parseRunConfig(config)).toThrow('featureVariants');
});

test('a later version is named', async () => {
  const config = parseRunConfig(await readOlder());
  expect(() => parseRunConfig({ ...config, version: 3 })).toThrow(
    'config.json is of version 3; this alexnet reads versions 1 to 2.',
  );
});
