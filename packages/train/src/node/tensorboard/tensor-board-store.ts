import type { Graph } from '@alexnet/core';
import { type Dataset, isBadPicture, type Picture } from '@alexnet/data';
import { encodePng } from '@alexnet/data/node';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { RunStore } from '../../checkpoint/run-store.ts';
import type { EncodedImage, Summary } from '../../tensorboard/event.ts';
import { encodeGraphDef } from '../../tensorboard/graph-def.ts';
import { countValues } from '../../tensorboard/histogram.ts';
import { summarizeEvent } from '../../tensorboard/summaries.ts';
import type { TrainingEvent } from '../../trainer/training-event.ts';
import type { EngineState } from '../../training-engine.ts';
import { EventFile } from './event-file.ts';

export interface TensorBoardOptions {
  /** Of the event files. */
  readonly folder: string;
  readonly graph: Graph;
  /** Its first pictures are shown. */
  readonly training: Dataset;
  /** Steps taken before. */
  readonly resumedAtStep: number;
  /** Measures the gradients of a state, where their histograms are wanted. */
  readonly measureGradients?: (state: EngineState) => Promise<EngineState>;
}

/** A store that also writes what TensorBoard shows. */
export interface TensorBoardStore extends RunStore {
  close(): Promise<void>;
}

const SAMPLES = 8;
/** Pixels of the confusion matrix's side, about. */
const MATRIX_SIDE = 320;

/**
 * Writes TensorBoard's event files beside what a store keeps: curves of every figure, histograms of the weights at
 * each checkpoint, the graph, some training pictures, and the confusion matrix of each validation.
 *
 * @throws {@link AlexNetError} `DISK_FULL`, `IO`
 */
export async function createTensorBoardStore(
  store: RunStore,
  options: TensorBoardOptions,
): Promise<TensorBoardStore> {
  const { folder, graph, training, resumedAtStep, measureGradients } = options;
  const file = await EventFile.create(folder);
  const add = async (summaries: readonly Summary[], step: number) => {
    if (summaries.length > 0) await file.add({ kind: 'summaries', summaries }, step);
  };
  await file.add({ kind: 'start' }, resumedAtStep + 1);
  if (resumedAtStep === 0) {
    await file.add({ kind: 'graph', graph: encodeGraphDef(graph) }, 0);
    await add(await showSamples(training), 0);
  }
  const { readLastCheckpoint } = store;
  return {
    appendMetrics: async (event) => {
      await store.appendMetrics(event);
      if (!('step' in event)) return;
      await add(summarizeEvent(event), event.step);
      if (event.event === 'validation') await add([await showConfusion(event)], event.step);
    },
    saveCheckpoint: async (checkpoint, { best }) => {
      const name = await store.saveCheckpoint(checkpoint, { best });
      const { step } = checkpoint.progress;
      await add(countStates('weights', graph, checkpoint.state), step);
      const gradients = await measureGradients?.(checkpoint.state);
      if (gradients) await add(countStates('gradients', graph, gradients), step);
      return name;
    },
    ...(readLastCheckpoint ? { readLastCheckpoint: () => readLastCheckpoint.call(store) } : {}),
    close: () => file.close(),
  };
}

function countStates(
  group: string,
  { parameters }: Graph,
  state: Checkpoint['state'],
): readonly Summary[] {
  return parameters.flatMap(({ name }) => {
    const tensor = state.get(name);
    return tensor
      ? [{ tag: `${group}/${name.replaceAll('.', '/')}`, histogram: countValues(tensor.data) }]
      : [];
  });
}

async function showSamples(training: Dataset): Promise<readonly Summary[]> {
  const stride = Math.max(1, Math.floor(training.length / SAMPLES));
  const shown = Array.from(
    { length: Math.min(SAMPLES, training.length) },
    (_, index) => index * stride,
  );
  const summaries = await Promise.all(
    shown.map(async (index) => {
      const picture = await training.readPicture(index).catch((error: unknown) => {
        // The training, which leaves it out, tells of it.
        if (isBadPicture(error)) return null;
        throw error;
      });
      if (!picture) return [];
      const label = training.labels[training.labelOf(index)] ?? '';
      return [{ tag: `pictures/${index} ${label}`, image: await encodeImage(picture) }];
    }),
  );
  return summaries.flat();
}

/** True classes from top to bottom, predicted ones from left to right; white is every picture of the class. */
async function showConfusion({
  evaluation: { confusion },
}: Extract<TrainingEvent, { event: 'validation' }>): Promise<Summary> {
  const classes = confusion.length;
  const cell = Math.max(1, Math.floor(MATRIX_SIDE / classes));
  const side = cell * classes;
  const pixels = new Uint8Array(side * side);
  for (const [row, counts] of confusion.entries()) {
    const total = Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    );
    for (const [column, count] of counts.entries()) {
      for (let y = row * cell; y < (row + 1) * cell; y++) {
        const start = y * side + column * cell;
        pixels.fill(Math.round((255 * count) / total), start, start + cell);
      }
    }
  }
  const picture: Picture = { width: side, height: side, channels: 1, pixels };
  return { tag: 'validation/confusion matrix', image: await encodeImage(picture) };
}

async function encodeImage(picture: Picture): Promise<EncodedImage> {
  const { width, height, channels } = picture;
  return { width, height, channels, png: await encodePng(picture) };
}
