import type { EngineOptions, TrainingEngine } from '@alexnet/train';
import { loadOnnxRuntime } from '@alexnet/train/node';
import { createOrtEngine } from '@alexnet/train/ort';
import { expect, test } from 'vitest';
import { takeTrainingStep } from './training-step.ts';
import { checkStep } from './verify.ts';

async function startOnnxRuntime(options: EngineOptions): Promise<TrainingEngine> {
  return createOrtEngine({ ...options, ort: await loadOnnxRuntime(), device: 'cpu' });
}

test('another engine passes: the expected gradient is right', async () => {
  const outcome = await takeTrainingStep(startOnnxRuntime);
  expect(outcome.gradientError).toBeLessThan(1e-5);
  checkStep(outcome, 'cpu');
});

test.each([
  ['that learns at another rate', 1.01],
  ['that does not learn', 0],
  ['that goes the wrong way', -1],
])('an engine %s does not', async (_, factor) => {
  const outcome = await takeTrainingStep(async (options) => {
    const engine = await startOnnxRuntime(options);
    return {
      info: engine.info,
      forward: (images) => engine.forward(images),
      readState: () => engine.readState(),
      dispose: () => engine.dispose(),
      step: (input) => engine.step({ ...input, learningRate: factor * input.learningRate }),
    };
  });
  expect(() => checkStep(outcome, 'cpu')).toThrowError(expect.objectContaining({ code: 'PARITY' }));
});
