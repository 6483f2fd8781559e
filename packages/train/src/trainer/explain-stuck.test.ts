import { describe, expect, test } from 'vitest';
import { explainStuck } from './explain-stuck.ts';

const config = { init: 'he', learningRate: 0.01, frozen: [] } as const;
/** Of an epoch in the middle. */
const middle = { steps: 100, isLast: false };
const LN_10 = Math.LN10;
/** Twenty pictures of two classes. */
const SPREAD = [
  [8, 2],
  [3, 7],
];
const ONE = [
  [0, 10],
  [0, 10],
];

describe('explainStuck', () => {
  test('a loss of ln(classes) is that of guessing', () => {
    const message = explainStuck({ ...middle, loss: LN_10 + 0.01, classes: 10, config });
    expect(message).toContain(
      'The loss is 2.313, that of guessing among 10 classes (ln 10 = 2.303)',
    );
    expect(message).toContain('(1) the learning rate of 0.01 is too high');
    expect(message).toContain('try 0.001');
  });

  test('a low rate is suspected of being too low first', () => {
    const low = { ...config, learningRate: 0.0001 };
    const message = explainStuck({ ...middle, loss: LN_10, classes: 10, config: low });
    expect(message).toContain('(1) the learning rate of 0.0001 is too low');
    expect(message).toContain(
      'try 0.0003, or more epochs; (2) the learning rate of 0.0001 is too high',
    );
    expect(message).toContain('try 0.00001;');
  });

  test('with published weights, they are the first suspects', () => {
    const published = { ...config, init: 'published' } as const;
    const message = explainStuck({ ...middle, loss: LN_10, classes: 10, config: published });
    expect(message).toContain('(1) the published initial weights');
    expect(message).toContain('--init he');
  });

  test('frozen layers are among the causes', () => {
    const frozen = { ...config, frozen: ['conv1.weight'] };
    expect(explainStuck({ ...middle, loss: LN_10, classes: 10, config: frozen })).toContain(
      '--freeze',
    );
    expect(explainStuck({ ...middle, loss: LN_10, classes: 10, config })).not.toContain('--freeze');
  });

  test('one answer for all pictures is told whatever the loss', () => {
    const message = explainStuck({ ...middle, loss: 0.6, classes: 2, confusion: ONE, config });
    expect(message).toContain('every validation picture gets the same class');
  });

  test('right answers that luck explains do not stand against the loss', () => {
    const lucky = [
      [110, 90],
      [90, 110],
    ];
    const message = explainStuck({
      ...middle,
      loss: Math.LN2,
      classes: 2,
      confusion: lucky,
      config,
    });
    expect(message).toContain('that of guessing among 2 classes');
  });

  test.each([
    // 240 of 400 are right, where calling all the same gets 200 and luck about 10 more or less.
    [
      'a loss of guessing with more right answers than luck gives',
      {
        loss: Math.LN2,
        classes: 2,
        confusion: [
          [120, 80],
          [80, 120],
        ],
      },
    ],
    ['a loss below guessing', { loss: 0.5, classes: 2 }],
    ['a loss above guessing: it may still fall', { loss: 3, classes: 10 }],
    ['answers of both classes', { loss: 0.6, classes: 2, confusion: SPREAD }],
    [
      'one class in the data',
      {
        loss: 0.6,
        classes: 2,
        confusion: [
          [0, 20],
          [0, 0],
        ],
      },
    ],
    [
      'too few pictures',
      {
        loss: 0.6,
        classes: 2,
        confusion: [
          [0, 2],
          [0, 3],
        ],
      },
    ],
  ])('%s is no reason to warn', (_case, outcome) => {
    expect(explainStuck({ ...middle, ...outcome, config })).toBeNull();
  });

  test('fewer than a hundred steps prove nothing, unless no more come', () => {
    const guessing = { loss: LN_10, classes: 10, config };
    expect(explainStuck({ ...guessing, steps: 99, isLast: false })).toBeNull();
    expect(explainStuck({ ...guessing, steps: 100, isLast: false })).toContain('has not begun');
    expect(explainStuck({ ...guessing, steps: 2, isLast: true })).toContain('or more epochs');
  });
});
