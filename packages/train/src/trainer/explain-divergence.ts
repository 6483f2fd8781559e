import type { GradientClip } from '@alexnet/autodiff';
import {
  AlexNetError,
  type Graph,
  inferShapes,
  sizeOf,
  summarize,
  type Tensor,
} from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import type { Batch } from '@alexnet/data';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { pick } from '../pick.ts';
import { fillDropoutMask } from '../step/dropout-masks.ts';

/** The largest float32. */
const LARGEST = 3.4028234663852886e38;
/** Multiplications of the interpreter. */
const AFFORDABLE = 1e9;
/** Pictures that the message names. */
const NAMED = 8;

/** What is known of the step that brought the first numbers beyond float32. */
export interface DivergentStep {
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  readonly clip: GradientClip | null;
  /** As it stood before that step. */
  readonly before: Checkpoint;
  /** What the engine trained: the network, or the layers behind the frozen ones. */
  readonly graph: Graph;
  /** Of that step. */
  readonly batch: Batch;
  /** Its inputs, mixed where that is asked for. */
  readonly images: Float32Array;
  /** Of dropout's masks. */
  readonly seed: number;
  /** Rows of the batch whose scores are no numbers; none if its update brought them. */
  readonly rows: readonly number[];
  /** The parameter that the update lost; `null` if the scores were no numbers already. */
  readonly lost: string | null;
  nameOf(picture: number): string;
  /** Where the state before it was written; `null` if nowhere. */
  readonly file: string | null;
}

/** A tenth; of rates that are far off, one that hardly any network diverges at. */
function smallerRate(learningRate: number): number {
  return learningRate > 1 ? 0.01 : Number((learningRate / 10).toPrecision(3));
}

/** Says where a network's numbers ran away, at which pictures, and what to do. */
export function explainDivergence(divergence: DivergentStep): AlexNetError {
  const { step, epoch, learningRate, clip, batch, rows, file } = divergence;
  const names = Array.from(batch.indices, (index) => divergence.nameOf(index));
  const bad = rows.flatMap((row) => names[row] ?? []);
  const layer = findLayer(divergence);
  const pictures = bad.length === names.length ? 'every picture' : listNames(bad);
  const where = layer === null ? '' : `: ${layer}${bad.length > 0 ? ` on ${pictures}` : ''}`;
  const kept = file === null ? '' : ` The state before this step is kept in ${file}.`;
  return new AlexNetError('NUMERIC', {
    message: `The loss is no longer a number at step ${step} (epoch ${epoch}, learning rate ${learningRate})${where}. Its batch: ${listNames(names)}.`,
    hint: `Train with a smaller --learning-rate, ${smallerRate(learningRate)} for example${clip === null ? ', or with --clip-norm 2' : ''}.${kept}`,
    path: [...(layer === null ? [] : [layer.split(' ')[0] ?? layer]), ...names],
  });
}

/**
 * The first layer, in the network's order, that gives a number beyond float32; else the one that gives the
 * largest, which the loss then was too much for.
 */
function findLayer(divergence: DivergentStep): string | null {
  const { graph, batch, lost, rows } = divergence;
  if (lost !== null) return `${lost} is no number after its update`;
  const size = sizeOf(graph.input.shape);
  const candidates = rows.length > 0 ? rows.slice(0, 1) : listAffordableRows(graph, batch.count);
  let largest = { name: '', value: 0 };
  for (const row of candidates) {
    const image = divergence.images.subarray(row * size, (row + 1) * size);
    if (!image.every(Number.isFinite)) return 'the input holds no numbers';
    for (const { name, value } of listLargest(divergence, row, image)) {
      if (!(value <= LARGEST)) return `${name} gives ${Number.isNaN(value) ? 'NaN' : 'infinity'}`;
      if (value > largest.value) largest = { name, value };
    }
  }
  return largest.name === '' ? null : `${largest.name} gives ${largest.value.toExponential(1)}`;
}

/** The largest absolute value that each layer gives of one picture, as the step computed it. */
function listLargest(
  { before, graph, seed, step }: DivergentStep,
  row: number,
  image: Float32Array,
): readonly { readonly name: string; readonly value: number }[] {
  const taps = graph.nodes.map(({ output }) => output);
  const input: Tensor = { shape: [1, ...graph.input.shape], data: image };
  const values = interpret(graph, before.state, input, {
    taps,
    masks: makeMasks(graph, { seed, step, row }),
  });
  return graph.nodes.map(({ name, output }) => {
    const { data } = pick(values, output);
    const value = data.reduce((most, each) => {
      return Number.isNaN(most) || Number.isNaN(each) ? Number.NaN : Math.max(most, Math.abs(each));
    }, 0);
    return { name, value };
  });
}

/** The masks of one row of a step. */
function makeMasks(
  graph: Graph,
  { seed, step, row }: { readonly seed: number; readonly step: number; readonly row: number },
): ReadonlyMap<string, Tensor> {
  const shapes = inferShapes(graph);
  return new Map(
    graph.nodes.flatMap((node) => {
      if (node.op !== 'Dropout') return [];
      const shape = pick(shapes, node.output);
      const size = sizeOf(shape);
      const mask = new Float32Array(size * (row + 1));
      fillDropoutMask(mask, { seed, step, node: node.name, ratio: node.attributes.ratio });
      return [[node.name, { shape, data: mask.subarray(row * size) }] as const];
    }),
  );
}

/** As many rows as the interpreter takes a few seconds for. */
function listAffordableRows(graph: Graph, count: number): readonly number[] {
  const { multiplyAdds } = summarize(graph);
  const length = Math.min(count, Math.max(1, Math.floor(AFFORDABLE / multiplyAdds)));
  return Array.from({ length }, (_, row) => row);
}

function listNames(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
