import { expect, test } from 'vitest';
import { describeTrials } from './describe-trials.ts';
import type { Trial } from './try-conventions.ts';

const trial = (fields: Partial<Trial>): Trial => ({
  preset: 'caffe-alexnet',
  channelOrder: 'BGR',
  pixels: 'caffe',
  fc6Order: 'HWC',
  lrnAlpha: 2e-5,
  confidence: 0.5,
  agreement: 0.9,
  accuracy: null,
  score: 1.5,
  isAssumed: false,
  ...fields,
});

function verdict(trials: readonly Trial[], isTrained = true): string | undefined {
  return describeTrials(trials, { pictures: [], classes: null, note: '' }, { isTrained }).at(-1);
}

const assumed = trial({ isAssumed: true });
const turned = trial({ channelOrder: 'RGB', fc6Order: 'CHW', lrnAlpha: 1e-4, pixels: 'unit' });

test.each([
  {
    what: 'what is assumed, far ahead',
    trials: [assumed, { ...turned, score: 0.9 }],
    says: 'What is assumed fits best, clearly.',
  },
  {
    what: 'what is assumed, by a hair',
    trials: [assumed, { ...turned, score: 1.45 }],
    says: 'What is assumed fits best, if not by much.',
  },
  {
    what: 'another way, with the options that say it',
    trials: [turned, { ...assumed, score: 0.9 }],
    says: 'Another way fits clearly better: --channel-order RGB, --fc6-order CHW, --lrn-alpha 0.0001, --pixels unit.',
  },
  {
    what: 'another network, whose alpha is its own',
    trials: [trial({ preset: 'paper', lrnAlpha: 1e-4 }), { ...assumed, score: 1.45 }],
    says: 'Another way fits a little better, which may be chance: --preset paper.',
  },
  {
    what: 'a network that sees nothing',
    trials: [
      { ...turned, score: 0.3 },
      { ...assumed, score: 0.2 },
    ],
    says: 'None fits: the network sees nothing in these pictures. Are they of its kind, and is it trained?',
  },
])('$what', ({ trials, says }) => {
  expect(verdict(trials)).toBe(says);
});

test('of filters that are noise, the best way is so by chance', () => {
  expect(verdict([turned, { ...assumed, score: 0.2 }], false)).toMatch(/^Nothing can be told/);
});
