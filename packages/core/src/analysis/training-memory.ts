import { AlexNetError } from '../errors.ts';
import type { Graph, Node, OpName } from '../graph/graph.ts';
import { inferShapes } from '../graph/infer-shapes.ts';
import { runningStatistics } from '../graph/running-statistics.ts';
import { sizeOf } from '../tensor.ts';

const FLOAT_BYTES = 4;
const INT64_BYTES = 8;

/** What a training step holds in memory, in bytes. */
export interface TrainingMemory {
  /** Every parameter, running statistics included. */
  readonly weightBytes: number;
  /** One number for each parameter that learns. */
  readonly gradientBytes: number;
  /** The optimiser's own arrays. */
  readonly optimizerBytes: number;
  /** What the forward pass leaves for the backward pass. */
  readonly activationBytes: number;
  /** Pictures and targets of the batch. */
  readonly inputBytes: number;
  readonly totalBytes: number;
}

export interface TrainingMemoryOptions {
  /** Pictures of a step. */
  readonly batchSize: number;
  /** Arrays that the optimiser keeps for each parameter: 1 for momentum (unless given), 2 for Adam. */
  readonly optimizerSlots?: number;
}

/**
 * Estimates the memory of a training step: what must exist at the same time when the backward pass begins.
 *
 *   weights · (1 + gradient + slots) + N · (kept activations + picture + targets)
 *
 * Kept are, once each: the input of layers with weights, the output of Relu, Tanh and Softmax, the places of
 * maxima (int64), dropout's mask, input, output and two divisors of a local response normalisation, the centred
 * values of a batch normalisation. All float32. All parameters learn.
 *
 * A lower bound, not a forecast: not in it are the runtime's own memory, what gradients and the update need while
 * they are computed, and what an allocator rounds up. Steps of onnxruntime on a CPU peaked at 1.6 to 2.2 times the
 * estimate, those of `mini` at up to 2.8 times (bench/README.md).
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a batch size or a number of slots that is none
 */
export function estimateTrainingMemory(
  graph: Graph,
  { batchSize, optimizerSlots = 1 }: TrainingMemoryOptions,
): TrainingMemory {
  checkCount('batchSize', batchSize, 1);
  checkCount('optimizerSlots', optimizerSlots, 0);
  const shapes = inferShapes(graph);
  const sizeOfValue = (name: string) => sizeOf(shapes.get(name) ?? []);
  const statistics = runningStatistics(graph);
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  const weights = sum(graph.parameters.map(({ shape }) => sizeOf(shape)));
  const learned = sum(
    graph.parameters.map(({ name, shape }) => (statistics.has(name) ? 0 : sizeOf(shape))),
  );
  const picture = sizeOf(graph.input.shape) + sizeOfValue(graph.output);
  const parts = {
    weightBytes: weights * FLOAT_BYTES,
    gradientBytes: learned * FLOAT_BYTES,
    optimizerBytes: learned * optimizerSlots * FLOAT_BYTES,
    activationBytes: batchSize * countKeptBytes(graph, sizeOfValue),
    inputBytes: batchSize * picture * FLOAT_BYTES,
  };
  return { ...parts, totalBytes: sum(Object.values(parts)) };
}

/** Of one picture. A value that several gradients need is kept once; the picture itself is no activation. */
function countKeptBytes(graph: Graph, sizeOfValue: (name: string) => number): number {
  const values = new Set<string>();
  let extraBytes = 0;
  for (const node of graph.nodes) {
    const [input] = node.inputs;
    const { keepsInput, keepsOutput, extraBytesOf } = keptBy(node);
    if (keepsInput) values.add(input);
    if (keepsOutput) values.add(node.output);
    extraBytes += extraBytesOf * sizeOfValue(node.output);
  }
  values.delete(graph.input.name);
  const valueBytes = [...values].map((name) => sizeOfValue(name) * FLOAT_BYTES);
  return valueBytes.reduce((total, bytes) => total + bytes, extraBytes);
}

/** What the gradient of a node needs of the forward pass. */
interface Kept {
  readonly keepsInput: boolean;
  readonly keepsOutput: boolean;
  /** For each element of the output, beside input and output. */
  readonly extraBytesOf: number;
}

const NOTHING: Kept = { keepsInput: false, keepsOutput: false, extraBytesOf: 0 };
const INPUT: Kept = { ...NOTHING, keepsInput: true };
const OUTPUT: Kept = { ...NOTHING, keepsOutput: true };
const NORMALIZATION: Kept = { keepsInput: true, keepsOutput: true, extraBytesOf: 2 * FLOAT_BYTES };

const kept: Readonly<Record<OpName, Kept>> = {
  AdaptiveAveragePool: NOTHING,
  AveragePool: NOTHING,
  BatchNormalization: { ...NOTHING, extraBytesOf: FLOAT_BYTES },
  Conv: INPUT,
  Dropout: { ...NOTHING, extraBytesOf: FLOAT_BYTES },
  Flatten: NOTHING,
  Gemm: INPUT,
  LRN: NORMALIZATION,
  MaxPool: { ...NOTHING, extraBytesOf: INT64_BYTES },
  Relu: OUTPUT,
  Softmax: OUTPUT,
  SpatialLRN: NORMALIZATION,
  Tanh: OUTPUT,
};

function keptBy(node: Node): Kept {
  const isIdentity = node.op === 'Dropout' && node.attributes.ratio === 0;
  return isIdentity ? NOTHING : kept[node.op];
}

function checkCount(name: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${name} is ${value}; it should be a whole number of at least ${minimum}.`,
    hint: 'A batch of 32 and one slot (momentum) are usual.',
    path: [name],
  });
}
