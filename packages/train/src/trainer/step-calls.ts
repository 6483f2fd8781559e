import { invariant } from '@alexnet/core';
import type { StepInput, StepOutput, TrainingEngine } from '../training-engine.ts';

/**
 * What the steps of a call may take, and the reading of their pictures as much again: so, where steps are that short,
 * progress is seen and a signal heard four times a second.
 */
export const CALL_MS = 125;

/** Steps of an engine, as many in a call as it gains by. */
export interface StepCalls {
  /** The most steps of the next call; 1 until the first one has shown how long a step takes. */
  readonly size: number;
  /** @returns what each step gave */
  take(inputs: readonly StepInput[]): Promise<readonly StepOutput[]>;
}

/** @param now - milliseconds of a clock that only goes forward */
export function createStepCalls(
  engine: Pick<TrainingEngine, 'step' | 'loop'>,
  now: () => number = () => performance.now(),
): StepCalls {
  const { loop } = engine;
  if (!loop) return { size: 1, take: (inputs) => takeOne(engine, inputs) };
  let size = 1;
  return {
    get size() {
      return size;
    },
    take: async (inputs) => {
      const startedMs = now();
      const outputs = await loop.run(inputs);
      const stepMs = (now() - startedMs) / inputs.length;
      size = Math.max(1, Math.min(loop.maxSteps, Math.floor(CALL_MS / stepMs)));
      return outputs;
    },
  };
}

async function takeOne(
  engine: Pick<TrainingEngine, 'step'>,
  [input]: readonly StepInput[],
): Promise<readonly StepOutput[]> {
  invariant(input, 'a call without a step');
  return [await engine.step(input)];
}
