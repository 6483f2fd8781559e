import { AlexNetError, type Tensor } from '@alexnet/core';
import { makeAttributeProto } from '../attribute.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from '../proto/messages.ts';
import { makeTensorProto, type OnnxTensor } from '../proto/tensor-proto.ts';
import { planQuantization } from './plan-quantization.ts';
import { quantizeRows } from './quantize-rows.ts';
import { type Quantization, quantizeRange, type Ranges } from './range.ts';

export interface QuantizeOptions {
  /** Names of the convolutions and fully connected layers that are to compute in integers. */
  readonly layers: ReadonlySet<string>;
  readonly ranges: Ranges;
}

/**
 * Makes a float32 model compute in 8-bit integers, in QDQ form: a QuantizeLinear and a DequantizeLinear stand at each
 * value that is rounded, and weights and biases are integers behind a DequantizeLinear. Runtimes that know the form put
 * them into the operators between, others compute in float32 with the same rounding.
 *
 * `relu1` is rounded to `relu1/quantized`, and read as `relu1/dequantized`. Weights are symmetric with a scale for each
 * output channel; a bias has the steps of its layer's sums.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` naming a value whose range is missing or none; `NUMERIC` naming a weight that
 *   is no number
 */
export function quantizeModel(model: ModelProto, options: QuantizeOptions): ModelProto {
  return { ...model, graph: new QuantizedGraph(model.graph, options).make() };
}

/** Of the sums in int32, so that a bias leaves room for them. */
const LARGEST_BIAS = 2 ** 30;

class QuantizedGraph {
  private readonly graph: GraphProto;
  private readonly options: QuantizeOptions;
  private readonly owners: ReadonlyMap<string, string>;
  private readonly weights: ReadonlyMap<string, TensorProto>;
  private readonly quantizations = new Map<string, Quantization>();
  private readonly nodes: NodeProto[] = [];
  private readonly added = new Map<string, readonly TensorProto[]>();
  private readonly steps: TensorProto[] = [];

  constructor(graph: GraphProto, options: QuantizeOptions) {
    this.graph = graph;
    this.options = options;
    this.owners = planQuantization(graph, options.layers);
    this.weights = new Map(graph.initializer.map((tensor) => [tensor.name ?? '', tensor]));
  }

  make(): GraphProto {
    const { graph } = this;
    for (const { name } of graph.input) this.round(name);
    for (const node of graph.node) {
      if (this.options.layers.has(node.name ?? '')) this.addWeights(node);
      const input = node.input.map((name) =>
        this.owners.has(name) ? `${name}/dequantized` : name,
      );
      this.nodes.push({ ...node, input });
      for (const name of node.output) this.round(name);
    }
    const weights = graph.initializer.flatMap(
      (tensor) => this.added.get(tensor.name ?? '') ?? [tensor],
    );
    return { ...graph, node: this.nodes, initializer: [...weights, ...this.steps] };
  }

  /** Adds the two nodes that round a value, where it is to be. */
  private round(value: string): void {
    const owner = this.owners.get(value);
    if (owner === undefined) return;
    const steps = [`${owner}/quantized/scale`, `${owner}/quantized/zero-point`];
    if (!this.quantizations.has(owner)) this.addSteps(owner);
    const [quantized, dequantized] = [`${value}/quantized`, `${value}/dequantized`];
    this.addNode('QuantizeLinear', [value, ...steps], quantized);
    this.addNode('DequantizeLinear', [quantized, ...steps], dequantized);
  }

  private addSteps(value: string): void {
    const range = this.options.ranges.get(value);
    if (!range) throw missingRange(value, this.options.ranges);
    const quantization = quantizeRange(value, range);
    const { scale, zeroPoint } = quantization;
    this.quantizations.set(value, quantization);
    this.steps.push(
      makeTensorProto(`${value}/quantized/scale`, {
        dtype: 'float32',
        shape: [],
        data: Float32Array.of(scale),
      }),
      makeTensorProto(`${value}/quantized/zero-point`, {
        dtype: 'int8',
        shape: [],
        data: Int8Array.of(zeroPoint),
      }),
    );
  }

  /** The weight and the bias of a layer as integers. */
  private addWeights({ input: [x = '', weightName = '', biasName = ''] }: NodeProto): void {
    const { scale } = this.quantizations.get(this.owners.get(x) ?? '') ?? { scale: 1 };
    const [weight, bias] = [this.floatsOf(weightName), this.floatsOf(biasName)];
    const atLeast = bias.data.map((value) => Math.abs(value) / (scale * LARGEST_BIAS));
    const { values, scales } = quantizeRows(weightName, weight, { atLeast });
    const sums = scales.map((each) => each * scale);
    const integers = Int32Array.from(bias.data, (value, row) =>
      Math.round(value / (sums[row] ?? 1)),
    );
    const rows = [scales.length];
    this.addIntegers(weightName, { dtype: 'int8', shape: weight.shape, data: values }, scales);
    this.addIntegers(biasName, { dtype: 'int32', shape: rows, data: integers }, sums);
  }

  /** With zero points, though they are 0: without them onnxruntime 1.30 does not find a Gemm in integers. */
  private addIntegers(name: string, integers: OnnxTensor, scales: Float32Array): void {
    const [kept, scale, zero] = [
      `${name}/${integers.dtype}`,
      `${name}/scale`,
      `${name}/zero-point`,
    ];
    const rows = { shape: [scales.length] };
    const zeros: OnnxTensor =
      integers.dtype === 'int8'
        ? { dtype: 'int8', ...rows, data: new Int8Array(scales.length) }
        : { dtype: 'int32', ...rows, data: new Int32Array(scales.length) };
    this.added.set(name, [
      makeTensorProto(kept, integers),
      makeTensorProto(scale, { dtype: 'float32', ...rows, data: scales }),
      makeTensorProto(zero, zeros),
    ]);
    this.addNode('DequantizeLinear', [kept, scale, zero], name, 0);
  }

  private floatsOf(name: string): Tensor {
    const { dims = [], rawData = new Uint8Array() } = this.weights.get(name) ?? {};
    const data = new Float32Array(rawData.buffer, rawData.byteOffset, rawData.length / 4);
    return { shape: dims, data };
  }

  private addNode(opType: string, input: readonly string[], name: string, axis?: number): void {
    const attribute = axis === undefined ? [] : [makeAttributeProto('axis', { i: axis })];
    this.nodes.push({ opType, name, input, output: [name], attribute });
  }
}

function missingRange(value: string, ranges: Ranges): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `The range of "${value}" is not known, by which it would be rounded to 8 bits.`,
    hint: `Measure all that listRangedValues(model) names, on pictures; there are ranges of ${[...ranges.keys()].join(', ') || 'none'}.`,
    path: ['ranges', value],
  });
}
