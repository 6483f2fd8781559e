import { buildTrainingStep, buildUpdate } from '@alexnet/autodiff';
import { createTensor, invariant, type Shape } from '@alexnet/core';
import { joinOutputs } from '../step/join-outputs.ts';
import type { StepOutput } from '../training-engine.ts';
import { createStatefulSession } from './create-stateful-session.ts';
import { toTensors } from './state-arrays.ts';
import { takeInTurn, takePart, toInputs, toOutput, toScalars } from './step-feeds.ts';
import {
  type StepRunner,
  type StepRunnerOptions,
  selectFrozen,
  selectInputs,
} from './step-runner.ts';

/** A step as two models: gradients, summed over the parts of the batch, and the update. */
export async function createSumRunner(options: StepRunnerOptions): Promise<StepRunner> {
  const { ort, plan, takeState, takeFrozen } = options;
  const { graph, batchSize, microBatches, ...rest } = plan;
  const part = batchSize / microBatches;
  const step = buildTrainingStep(graph, { ...rest, batchSize: part, form: 'gradient-sums' });
  const update = buildUpdate(graph, rest);
  const [scalar] = update.scalars;
  invariant(scalar, 'an update has no learning rate');
  const summed = new Set(update.gradients.map(({ input }) => input));
  const statistics = step.state.filter(({ input }) => !summed.has(input));
  const sums = new Map(
    step.state
      .filter(({ input }) => summed.has(input))
      .map(({ input, shape }) => [input, createTensor(shape)] as const),
  );
  const arrays = [...update.state, ...statistics];
  const frozen = takeFrozen(selectFrozen(graph, arrays));
  const constants = toTensors(ort, frozen);
  const gradients = await createStatefulSession({
    ...options,
    model: {
      model: step.model,
      state: step.state,
      results: [step.loss, step.logits],
      shapes: { [step.loss]: [], [step.logits]: step.target.shape },
      scalar: step.normalizer,
    },
    state: new Map([...sums, ...takeState(statistics)]),
  });
  const updates = await createStatefulSession({
    ...options,
    model: {
      model: update.model,
      state: update.state,
      results: [],
      shapes: {},
      scalar,
    },
    state: takeState(update.state),
  });
  const isOfState = ([name]: readonly [string, unknown]) => !summed.has(name);
  return {
    maxSteps: 1,
    masks: step.masks.map((mask) => ({ ...mask, shape: withBatch(mask.shape, batchSize) })),
    arrays,
    frozen,
    get tensors() {
      const ofGradients = Object.entries(gradients.tensors).filter(isOfState);
      return { ...updates.tensors, ...Object.fromEntries(ofGradients) };
    },
    readState: async () =>
      new Map([...(await updates.read()), ...[...(await gradients.read())].filter(isOfState)]),
    run: (steps) =>
      takeInTurn(steps, async (feeds) => {
        gradients.clear(summed);
        const outputs: StepOutput[] = [];
        for (let index = 0; index < microBatches; index++) {
          const results = await gradients.run({
            ...selectInputs(step.model, { ...constants, ...updates.tensors }),
            ...toTensors(ort, toInputs(step, takePart(step, feeds, index))),
          });
          outputs.push(toOutput(step, results));
        }
        const totals = selectInputs(update.model, gradients.tensors);
        await updates.run({ ...totals, ...toScalars(ort, feeds.scalars) });
        return joinOutputs(outputs);
      }),
    release: async () => {
      await gradients.release();
      await updates.release();
    },
  };
}

function withBatch([, ...rest]: Shape, batchSize: number): Shape {
  return [batchSize, ...rest];
}
