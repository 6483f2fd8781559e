import {
  AlexNetError,
  crc32,
  type Graph,
  type JsonReader,
  type Model,
  type ModelMetadata,
  parseGraph,
  parseMetadata,
  readJson,
} from '@alexnet/core';
import {
  type DecodeSafetensorsOptions,
  decodeSafetensors,
  encodeSummed,
  type SummedSafetensors,
} from '@alexnet/core/safetensors';
import { NO_TOTALS, type Totals } from '../evaluation/metrics.ts';
import { PLATEAU_START, type PlateauState } from '../schedule/schedule.ts';
import type { ValidationFigures } from '../trainer/training-event.ts';
import { type EngineState, selectWeights } from '../training-engine.ts';

/** A training at rest: all that it needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly graph: Graph;
  readonly metadata: ModelMetadata;
  /** Weights and optimiser slots. */
  readonly state: EngineState;
  readonly progress: TrainingProgress;
}

/** Where a training stands. Everything random follows from the seed and this. */
export interface TrainingProgress {
  /** Steps taken. */
  readonly step: number;
  /** Sums over the steps of the epoch that is under way; none at its start. */
  readonly epochTotals: Totals;
  /** Figures of the best epoch so far. */
  readonly best: { readonly step: number; readonly validation: ValidationFigures } | null;
  /** Of the schedule that waits for one. */
  readonly plateau: PlateauState;
}

/** Where a training begins. */
export const NO_PROGRESS: TrainingProgress = {
  step: 0,
  epochTotals: NO_TOTALS,
  best: null,
  plateau: PLATEAU_START,
};

/**
 * A checkpoint as a safetensors file that explains itself, with checksums of all that is in it, in parts to be written
 * one after another.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): readonly Uint8Array[] {
  const { views, encodeHeader } = encodeSummedCheckpoint(checkpoint);
  return [encodeHeader(views.map((view) => crc32(view))), ...views];
}

/** As {@link encodeCheckpoint}, for those who sum while they write. */
export function encodeSummedCheckpoint(checkpoint: Checkpoint): SummedSafetensors {
  return encodeSummed(checkpoint.state, {
    'alexnet.graph': JSON.stringify(checkpoint.graph),
    'alexnet.metadata': JSON.stringify(checkpoint.metadata),
    'alexnet.progress': JSON.stringify(checkpoint.progress),
  });
}

/**
 * Reads a checkpoint, and holds it against its checksums; those of earlier versions have none.
 *
 * @throws {@link AlexNetError} `INVALID_CHECKPOINT` saying what is wrong, and naming the tensor that is damaged
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  options: DecodeSafetensorsOptions = {},
): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes, options);
  const field = (name: string) => parseJson(metadata[name], name);
  const graph = parseGraph(field('alexnet.graph'), 'INVALID_CHECKPOINT');
  for (const { name } of graph.parameters) {
    if (!tensors.has(name)) {
      throw new AlexNetError('INVALID_CHECKPOINT', {
        message: `The checkpoint has no ${name}, which its network needs.`,
        hint: 'Take an older checkpoint.',
        path: [name],
      });
    }
  }
  return {
    graph,
    metadata: parseMetadata(field('alexnet.metadata'), 'INVALID_CHECKPOINT'),
    state: tensors,
    progress: parseProgress(field('alexnet.progress')),
  };
}

/** The network of a checkpoint, without what only training needs. */
export function toModel({ graph, metadata, state }: Checkpoint): Model {
  return { graph, metadata, weights: selectWeights(graph, state) };
}

function parseJson(text: string | undefined, name: string): unknown {
  try {
    if (text !== undefined) return JSON.parse(text);
  } catch (cause) {
    throw new AlexNetError('INVALID_CHECKPOINT', {
      message: `"${name}" in the checkpoint's header is not JSON.`,
      hint: 'Take an older checkpoint.',
      cause,
    });
  }
  throw new AlexNetError('INVALID_CHECKPOINT', {
    message: `This safetensors file has no "${name}" in its header: it is no checkpoint of a training.`,
    hint: 'Checkpoints lie in the folder "checkpoints" of a run.',
  });
}

function parseProgress(value: unknown): TrainingProgress {
  const json = readJson(value, { code: 'INVALID_CHECKPOINT', what: 'The progress' });
  const totals = json.field('epochTotals');
  const best = json.field('best');
  const figures = best.value() === null ? null : best.field('validation');
  return {
    step: json.field('step').integer(),
    epochTotals: {
      count: totals.field('count').integer(),
      lossSum: totals.field('lossSum').number(),
      correct: totals.field('correct').integer(),
    },
    best: figures && {
      step: best.field('step').integer(),
      validation: {
        loss: figures.field('loss').number(),
        top1: figures.field('top1').number(),
        top5: figures.field('top5').number(),
      },
    },
    // Earlier checkpoints were written before there was one.
    plateau: json.has('plateau') ? parsePlateau(json.field('plateau')) : PLATEAU_START,
  };
}

function parsePlateau(json: JsonReader): PlateauState {
  const best = json.field('best');
  return {
    best: best.value() === null ? null : best.number(),
    epochsSince: json.field('epochsSince').integer(),
    drops: json.field('drops').integer(),
  };
}
