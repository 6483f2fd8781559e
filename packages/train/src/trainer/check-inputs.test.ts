import { expect, test } from 'vitest';
import { completeTrainingConfig } from '../config/training-config.ts';
import { config, createMemoryStore, dataset, run } from './test-training.ts';

test.each([
  {
    what: 'no pictures',
    options: { training: { ...dataset, length: 0 } },
    error: { code: 'INVALID_DATASET', message: 'There are no pictures to train on in "greys".' },
  },
  {
    what: 'pictures of another number of classes',
    options: { training: { ...dataset, labels: ['dark', 'grey', 'light'] } },
    error: { code: 'INVALID_DATASET', message: expect.stringContaining('has 3 classes') },
  },
  {
    what: 'validation pictures of another number of classes',
    options: { validation: { ...dataset, name: 'held back', labels: ['dark'] } },
    error: { code: 'INVALID_DATASET', message: expect.stringContaining('"held back" has 1 class') },
  },
  {
    what: 'a label that is no class',
    options: { training: { ...dataset, labelOf: () => 2 } },
    error: { code: 'INVALID_DATASET', message: expect.stringContaining('#0 has the label 2') },
  },
  {
    what: 'weights for more classes',
    options: { config: { ...config, classWeights: [1, 1, 1] } },
    error: { code: 'INVALID_ARGUMENT', message: 'classWeights has 3 numbers for 2 classes.' },
  },
  {
    what: 'a frozen parameter that is none',
    options: { config: { ...config, frozen: ['conv9.weight'] } },
    error: { code: 'INVALID_ARGUMENT', message: expect.stringContaining('"conv9.weight"') },
  },
  {
    what: 'plateau with nothing to wait for',
    options: {
      config: {
        ...config,
        schedule: { kind: 'plateau', factor: 0.1, patience: 1, drops: 3 } as const,
      },
      validation: { ...dataset, length: 0 },
    },
    error: { code: 'INVALID_ARGUMENT', message: expect.stringContaining('plateau') },
  },
])('$what: refused before anything is made', async ({ options, error }) => {
  const store = createMemoryStore();
  await expect(run({ ...options, store })).rejects.toMatchObject(error);
  expect(store.saved).toEqual([]);
});

test.each([
  [{ epochs: Number.NaN }, 'epochs is NaN; it should be a whole number of at least 1.'],
  [JSON.parse('{"augmentation":"wild"}'), 'augmentation is "wild"; it should be one of none,'],
])('%o is no setting', (settings, message) => {
  expect(() => completeTrainingConfig(settings)).toThrow(message);
});

test('validation pictures that are none give no figures', async () => {
  const { events } = await run({ validation: { ...dataset, length: 0 } });
  expect(events.map(({ event }) => event)).not.toContain('validation');
  expect(events.at(-1)).not.toHaveProperty('validation');
});
