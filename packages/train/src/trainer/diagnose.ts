import { type AlexNetError, createRandom, type Graph } from '@alexnet/core';
import { type Batch, countBatches } from '@alexnet/data';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { toStepInput } from '../step/step-input.ts';
import type { Divergence } from './divergence.ts';
import { explainDivergence } from './explain-divergence.ts';
import { beginningOf, replayTo } from './replay.ts';
import { openStage } from './stage.ts';
import type { CompleteTrainOptions } from './train-options.ts';

/**
 * Goes back to the last state that is all numbers, leaves it in the store, and finds out which layer and which
 * pictures brought numbers beyond float32.
 *
 * A step writes its results over the state, so that this state is had by taking the steps since the last
 * checkpoint again, to the same bits.
 */
export async function diagnose(
  options: CompleteTrainOptions,
  divergence: Divergence,
): Promise<AlexNetError> {
  let step = divergence.step - 1;
  let before = await replayTo(options, step);
  let lost = findLostParameter(before);
  // The update of the step before brought them: its loss was still a number.
  if (lost !== null && step > beginningOf(options).progress.step) {
    step -= 1;
    before = await replayTo(options, step);
  } else lost = null;
  const { store, training } = options;
  const file = store ? await store.saveCheckpoint(before, { best: false }) : null;
  const { graph, batch } = await readAgain(options, before);
  const { images } = toStepInput(
    batch,
    { step: step + 1, learningRate: divergence.learningRate },
    {
      config: options.config,
      graph,
      classes: options.metadata.labels.length,
      random: createRandom(options.config.seed),
    },
  );
  return explainDivergence({
    ...divergence,
    step: step + 1,
    clip: options.config.clip,
    rows: lost === null ? divergence.rows : [],
    lost,
    before,
    graph,
    batch,
    images,
    seed: options.config.seed,
    nameOf: (picture) => training.nameOf(picture),
    file,
  });
}

/** The batch of the step that comes after a checkpoint, and what computes it. */
async function readAgain(
  options: CompleteTrainOptions,
  { state, progress }: Checkpoint,
): Promise<{ readonly graph: Graph; readonly batch: Batch }> {
  const stepsPerEpoch = countBatches(options.training.length, options.config.batchSize);
  const epoch = Math.floor(progress.step / stepsPerEpoch) + 1;
  const startBatch = progress.step % stepsPerEpoch;
  const stage = await openStage(options, { epoch, startBatch, endEpoch: epoch + 1, state });
  try {
    return { graph: stage.graph, batch: await stage.nextBatch() };
  } finally {
    await stage.dispose();
  }
}

/** A parameter with a value that is no number. */
function findLostParameter({ graph, state }: Checkpoint): string | null {
  const lost = graph.parameters.find(
    ({ name }) => !(state.get(name)?.data.every(Number.isFinite) ?? true),
  );
  return lost?.name ?? null;
}
