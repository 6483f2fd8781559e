import { AlexNetError, invariant } from '../errors.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { Float64Tensor } from '../interpret/float64-tensor.ts';
import { interpret } from '../interpret/interpret.ts';
import { createTensor, formatShape, isSameShape, type Tensor, type Weights } from '../tensor.ts';

interface NormalizeOptions {
  /** Preprocessed pictures [N, C, H, W]. */
  readonly images: Tensor;
  /** Weights that stay as they are. */
  readonly keep?: Weights;
}

/**
 * Layer-sequential unit variance: goes through the network once, in float64, and divides the weights of each
 * convolution and each fully connected layer by the standard deviation of what it gives.
 *
 * The paper repeats the division until the variance is within 0.1 of 1, at most ten times. Here once is enough:
 * such a layer is linear, its biases are 0, and its images stay the same.
 *
 * @param weights - biases are 0, but for those that are kept
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` for images of another shape, `NUMERIC` naming a layer that
 *   gives the same for all of them
 * @see Mishkin & Matas 2015, "All you need is a good init", algorithm 1
 */
export function normalizeVariances(
  graph: Graph,
  weights: Weights,
  { images, keep = new Map() }: NormalizeOptions,
): Weights {
  checkImages(graph, images);
  const scaled = new Map(weights);
  const values = new Map<string, Tensor | Float64Tensor>([[graph.input.name, images]]);
  const done = new Set(keep.keys());
  for (const node of graph.nodes) {
    const output = runAlone(graph, node, scaled, values);
    values.set(node.output, output);
    const [, name = '', bias = ''] = node.inputs;
    const weight = scaled.get(name);
    if ((node.op !== 'Conv' && node.op !== 'Gemm') || !weight || done.has(name)) continue;
    const deviation = requireDeviation(node, output.data);
    scaled.set(
      name,
      createTensor(
        weight.shape,
        weight.data.map((value) => value / deviation),
      ),
    );
    done.add(name);
    if (keep.has(bias)) values.set(node.output, runAlone(graph, node, scaled, values));
    else divide(output.data, deviation);
  }
  return scaled;
}

function divide(values: Float64Array, by: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / by;
}

function checkImages({ name, input }: Graph, { shape }: Tensor): void {
  const [count = 0, ...picture] = shape;
  if (count > 0 && isSameShape(picture, input.shape)) return;
  throw new AlexNetError('SHAPE_MISMATCH', {
    message: `${name} is to be initialised with images of ${formatShape(['N', ...input.shape])}, but got ${formatShape(shape)}.`,
    hint: 'Preprocess the pictures as the network says, or leave them out: noise does as well.',
  });
}

/** What one node makes of what is known: the interpreter, on a network of this node alone. */
function runAlone(
  { name, parameters }: Graph,
  node: Node,
  weights: Weights,
  values: ReadonlyMap<string, Tensor | Float64Tensor>,
): Float64Tensor {
  const [source, ...operands] = node.inputs;
  const value = values.get(source);
  invariant(value, `${source} is read before it is made`);
  const alone: Graph = {
    name,
    input: { name: source, shape: value.shape.slice(1) },
    parameters: parameters.filter((parameter) => operands.some((name) => name === parameter.name)),
    nodes: [node],
    output: node.output,
  };
  const result = interpret(alone, weights, value).get(node.output);
  invariant(result, `${node.output} is not made`);
  return result;
}

/** √ of the variance over all values of all images. */
function requireDeviation({ name }: Node, values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  if (Number.isFinite(variance) && variance > 0) return Math.sqrt(variance);
  throw new AlexNetError('NUMERIC', {
    message: `${name} cannot be scaled to unit variance: what it makes of the images has a variance of ${variance}.`,
    hint: 'Give images that differ, or use the scheme "he".',
    path: [name],
  });
}
