import { type ErrorCode, invariant, isAlexNetError } from '@alexnet/core';
import { type Checkpoint, NO_PROGRESS } from '../checkpoint/checkpoint.ts';
import type { TrainingEngine } from '../training-engine.ts';
import type { CompleteTrainOptions } from './train-options.ts';
import { Training } from './training.ts';

/**
 * A training as it stood after a step that was taken before: it goes there again, from the last checkpoint or
 * from where it began, and comes to the same bits.
 *
 * @param step - at least the one that the training began with
 * @throws what training throws
 */
export async function replayTo(options: CompleteTrainOptions, step: number): Promise<Checkpoint> {
  const began = beginningOf(options);
  const last = (await readLast(options)) ?? began;
  const start = last.progress.step <= step ? last : began;
  if (start.progress.step === step) return start;
  const controller = new AbortController();
  const reached: Checkpoint[] = [];
  const training = new Training({
    ...options,
    createEngine: async (engineOptions) => oneByOne(await options.createEngine(engineOptions)),
    state: start.state,
    resumeFrom: start.progress,
    signal: controller.signal,
    store: {
      appendMetrics: async () => {},
      saveCheckpoint: async (checkpoint) => {
        if (checkpoint.progress.step === step) reached.push(checkpoint);
        return '';
      },
    },
  });
  try {
    for await (const event of training.run()) {
      if (event.event === 'step' && event.step === step) controller.abort();
    }
  } catch (error) {
    if (!isAlexNetError(error) || error.code !== 'ABORTED') throw error;
  } finally {
    await training.dispose();
  }
  const [end] = reached;
  invariant(end, 'the replay left no checkpoint');
  return end;
}

/** Of a checkpoint that cannot be read. */
const LOST: readonly ErrorCode[] = ['INVALID_CHECKPOINT', 'NOT_FOUND'];

/** One that is damaged or gone must not hide what is being looked for. */
async function readLast({ store }: CompleteTrainOptions): Promise<Checkpoint | null> {
  try {
    return (await store?.readLastCheckpoint?.()) ?? null;
  } catch (error) {
    if (isAlexNetError(error) && LOST.includes(error.code)) return null;
    throw error;
  }
}

/** The engine without its loop: a call of several steps might go beyond the one that is wanted. */
function oneByOne(engine: TrainingEngine): TrainingEngine {
  return {
    info: engine.info,
    step: (input) => engine.step(input),
    forward: (images) => engine.forward(images),
    readState: () => engine.readState(),
    dispose: () => engine.dispose(),
  };
}

/** What the training was given. */
export function beginningOf({
  graph,
  metadata,
  state,
  resumeFrom,
}: CompleteTrainOptions): Checkpoint {
  return { graph, metadata, state, progress: resumeFrom ?? NO_PROGRESS };
}
