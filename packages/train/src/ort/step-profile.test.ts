import { expect, test } from 'vitest';
import { summarizeProfile } from './step-profile.ts';

const layers = ['conv1', 'pool1', 'fc6'];

function event(name: string, operator: string, dur: number) {
  return { cat: 'Node', name: `${name}_kernel_time`, dur, args: { op_name: operator } };
}

function summarize(events: readonly object[], skippedSteps = 0) {
  return summarizeProfile(JSON.stringify(events), { skippedSteps, layers });
}

test('sums operators up by layer and kind, most expensive first', () => {
  const rows = summarize([
    { cat: 'Session', name: 'model_run', dur: 99_000 },
    event('conv1/Conv', 'Conv', 2000),
    event('conv1/gradient/weight/Gemm_2', 'Gemm', 3000),
    event('conv1/gradient/weight/Transpose', 'Transpose', 1000),
    event('pool1/gradient/ScatterElements', 'ScatterElements', 1500),
    event('fc6.weight[0:65]/update/Gemm', 'Gemm', 500),
    event('fc6.weight[65:130]/update/Gemm', 'Gemm', 500),
    event('Transpose_token_3', 'Transpose', 250),
    event('loss/Exp', 'Exp', 10),
  ]);
  expect(rows).toEqual([
    {
      layer: 'conv1',
      kind: 'weight gradient',
      ms: 4,
      operators: { Gemm: 3, Transpose: 1 },
    },
    { layer: 'conv1', kind: 'forward', ms: 2, operators: { Conv: 2 } },
    { layer: 'pool1', kind: 'gradient', ms: 1.5, operators: { ScatterElements: 1.5 } },
    { layer: 'fc6', kind: 'update', ms: 1, operators: { Gemm: 1 } },
    { layer: 'other', kind: 'forward', ms: 0.25, operators: { Transpose: 0.25 } },
    { layer: 'loss', kind: 'forward', ms: 0.01, operators: { Exp: 0.01 } },
  ]);
});

test('takes the median of the steps, the first ones left out', () => {
  const steps = [90_000, 3000, 1000, 2000].map((dur) => event('conv1/Conv', 'Conv', dur));
  expect(summarize(steps, 1)[0]?.ms).toBe(2);
});

test.each(['', '{}', '[]', '[{"cat":"Session","name":"model_run","dur":1}]'])(
  'refuses %j, which is no profile',
  (text) => {
    expect(() => summarizeProfile(text, { skippedSteps: 0, layers })).toThrow(
      'onnxruntime wrote no profile of a training step.',
    );
  },
);
