import { buildTrainingStep } from '@alexnet/autodiff';
import { createStatefulSession } from './create-stateful-session.ts';
import { toTensors } from './state-arrays.ts';
import { takeInTurn, toInputs, toOutput } from './step-feeds.ts';
import {
  type StepRunner,
  type StepRunnerOptions,
  selectFrozen,
  selectInputs,
} from './step-runner.ts';

/** A step as one model. */
export async function createWholeRunner(options: StepRunnerOptions): Promise<StepRunner> {
  const { ort, plan, takeState, takeFrozen, placement } = options;
  const { graph, ...rest } = plan;
  const inStages = placement === 'in-stages';
  const step = buildTrainingStep(graph, { ...rest, form: 'update', inStages });
  const frozen = takeFrozen(selectFrozen(graph, step.state));
  const constants = selectInputs(step.model, toTensors(ort, frozen));
  const session = await createStatefulSession({
    ...options,
    model: {
      model: step.model,
      state: step.state,
      results: [step.loss, step.logits],
      shapes: { [step.loss]: [], [step.logits]: step.target.shape },
      scalar: step.normalizer,
    },
    state: takeState(step.state),
  });
  return {
    maxSteps: 1,
    masks: step.masks,
    arrays: step.state,
    frozen,
    tensors: session.tensors,
    readState: () => session.read(),
    run: (steps) =>
      takeInTurn(steps, async (feeds) =>
        toOutput(
          step,
          await session.run({ ...constants, ...toTensors(ort, toInputs(step, feeds)) }),
        ),
      ),
    release: () => session.release(),
  };
}
