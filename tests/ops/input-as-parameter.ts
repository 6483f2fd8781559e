import type { Graph, Node } from '@alexnet/core';
import type { GoldenTensor } from '../golden/golden-files.ts';

const PARAMETER = 'input.weight';
const BIAS = 'input.bias';

/**
 * A graph whose input is a parameter, so that a training step gives its gradient as well.
 *
 * A layer before the graph is fed with one-hot pictures, one for each picture n of the batch. With a Gemm,
 * row n of its output is column n of its weights. With a Conv, the one-hot pictures are single pixels, padded
 * on all sides by one less than the kernel, whose size is the picture's: output [n, c] is the kernel [c, n],
 * turned by 180 degrees. Either is exact: products with 0 and 1.
 */
export function withInputAsParameter(graph: Graph, batchSize: number): Graph {
  const { shape } = graph.input;
  const [channels = 0, height = 0, width = 0] = shape;
  const isPicture = shape.length === 3;
  const weightShape = isPicture ? [channels, batchSize, height, width] : [channels, batchSize];
  const node: Node = isPicture
    ? {
        op: 'Conv',
        name: 'input',
        inputs: ['one-hot', PARAMETER, BIAS],
        output: graph.input.name,
        attributes: {
          kernelShape: [height, width],
          strides: [1, 1],
          pads: [height - 1, width - 1, height - 1, width - 1],
          group: 1,
        },
      }
    : {
        op: 'Gemm',
        name: 'input',
        inputs: ['one-hot', PARAMETER, BIAS],
        output: graph.input.name,
        attributes: {},
      };
  const initializer = { kind: 'constant', value: 0 } as const;
  return {
    ...graph,
    input: { name: 'one-hot', shape: isPicture ? [batchSize, 1, 1] : [batchSize] },
    parameters: [
      { name: PARAMETER, shape: weightShape, initializer },
      { name: BIAS, shape: [channels], initializer },
      ...graph.parameters,
    ],
    nodes: [node, ...graph.nodes],
  };
}

/** What to feed: the one-hot pictures, and the input as the first layer's parameters. */
export function asParameters({ shape, data }: GoldenTensor): {
  readonly image: Float32Array;
  readonly parameters: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>;
} {
  const [batchSize = 0, channels = 0, ...picture] = shape;
  const image = new Float32Array(batchSize * batchSize);
  for (let n = 0; n < batchSize; n++) image[n * batchSize + n] = 1;
  const weight = Float32Array.from(turn(data, batchSize, channels));
  return {
    image,
    parameters: new Map([
      [PARAMETER, { shape: [channels, batchSize, ...picture], data: weight }],
      [BIAS, { shape: [channels], data: new Float32Array(channels) }],
    ]),
  };
}

/** The gradient of the input, from that of the first layer's weights. */
export function inputGradient(
  gradients: ReadonlyMap<string, Float32Array>,
  [batchSize = 0, channels = 0]: readonly number[],
): readonly number[] {
  return turn(gradients.get(PARAMETER) ?? [], channels, batchSize);
}

/** [a, b, …pixels] as [b, a, …pixels in reverse]; its own inverse. */
function turn(values: ArrayLike<number>, a: number, b: number): readonly number[] {
  const pixels = values.length / (a * b);
  return Array.from({ length: values.length }, (_value, target) => {
    const row = Math.floor(target / pixels);
    const source = (row % a) * b + Math.floor(row / a);
    return values[source * pixels + (pixels - 1 - (target % pixels))] ?? Number.NaN;
  });
}
