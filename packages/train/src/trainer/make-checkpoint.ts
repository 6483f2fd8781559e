import type { Checkpoint, TrainingProgress } from '../checkpoint/checkpoint.ts';
import type { EngineState } from '../training-engine.ts';
import type { CompleteTrainOptions } from './train-options.ts';

export interface CheckpointParts {
  readonly state: EngineState;
  readonly progress: TrainingProgress;
  readonly stepsPerEpoch: number;
}

/** A training as it stands. */
export function makeCheckpoint(
  { graph, metadata, config }: CompleteTrainOptions,
  { state, progress, stepsPerEpoch }: CheckpointParts,
): Checkpoint {
  const { step, best } = progress;
  const { source, colours } = metadata.provenance;
  return {
    graph,
    metadata: {
      ...metadata,
      // Field by field, in one order: a training that goes on writes the same bytes.
      provenance: {
        origin: 'trained',
        seed: config.seed,
        steps: step,
        epochs: step / stepsPerEpoch,
        ...(source === undefined ? {} : { source }),
        ...(colours ? { colours } : {}),
        ...(best && best.step === step ? { validation: best.validation } : {}),
      },
    },
    state,
    progress,
  };
}
