import { buildTrainingLoop, type TrainingStep } from '@alexnet/autodiff';
import { createTensor, invariant, sizeOf, type Tensor } from '@alexnet/core';
import { pick, pickField } from '../pick.ts';
import type { StepOutput } from '../training-engine.ts';
import { createMovingSession } from './moving-session.ts';
import { type StateArrays, toTensors } from './state-arrays.ts';
import { toInputs } from './step-feeds.ts';
import {
  type StepRunner,
  type StepRunnerOptions,
  selectFrozen,
  selectInputs,
} from './step-runner.ts';

/** What the inputs of a run may take, for all its steps together. */
const INPUT_BYTES = 256 * 2 ** 20;
/** What crossing costs a step is down to a part in as many; more steps gain nothing to speak of. */
const MOST_STEPS = 32;

/** Several steps as one model: the state crosses from the host to the device and back once for all of them. */
export async function createLoopRunner(options: StepRunnerOptions): Promise<StepRunner> {
  const { ort, plan, takeState, takeFrozen } = options;
  const { graph, ...rest } = plan;
  const loop = buildTrainingLoop(graph, rest);
  const { step } = loop;
  const frozen = takeFrozen(selectFrozen(graph, loop.state));
  const constants = selectInputs(loop.model, toTensors(ort, frozen));
  const session = await createMovingSession({
    ...options,
    model: { model: loop.model, state: loop.state, results: [loop.losses, loop.logits] },
    state: takeState(loop.state),
  });
  return {
    maxSteps: chooseMaxSteps(step),
    masks: step.masks,
    arrays: loop.state,
    frozen,
    tensors: session.tensors,
    readState: () => session.read(),
    run: async (steps) => {
      const inputs = stack(steps.map((feeds) => toInputs(step, feeds)));
      const results = await session.run({ ...constants, ...toTensors(ort, inputs) });
      const losses = pickField(results, loop.losses);
      const logits = pickField(results, loop.logits);
      invariant(losses.length === steps.length, `${losses.length} losses of ${steps.length} steps`);
      const size = sizeOf(step.target.shape);
      return Array.from(
        losses,
        (loss, i): StepOutput => ({ loss, logits: logits.slice(i * size, (i + 1) * size) }),
      );
    },
    release: () => session.release(),
  };
}

function chooseMaxSteps({ image, target, masks }: TrainingStep): number {
  const numbers = [image, target, ...masks].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const fitting = Math.floor(INPUT_BYTES / (numbers * Float32Array.BYTES_PER_ELEMENT));
  return Math.min(MOST_STEPS, Math.max(1, fitting));
}

/** The inputs of several steps, one behind the other: [K, …]. */
function stack(steps: readonly StateArrays[]): StateArrays {
  const [first] = steps;
  invariant(first, 'a run takes no steps');
  return new Map(
    [...first].map(([name, { shape }]): [string, Tensor] => {
      const stacked = createTensor([steps.length, ...shape]);
      for (const [i, inputs] of steps.entries()) {
        stacked.data.set(pick(inputs, name).data, i * sizeOf(shape));
      }
      return [name, stacked];
    }),
  );
}
