import type { Graph, PresetOptions, Tensor } from '@alexnet/core';
import type { GoldenSummary } from './golden-files.ts';
import { hashedValues } from './hashed-values.ts';

/** A forward pass of somebody else's AlexNet, as the make_reference_*.py scripts write it down. */
export interface ReferenceNetwork {
  readonly preset: string;
  readonly options: PresetOptions;
  /** What computed it: "torch.nn.functional", "keras.layers". */
  readonly source: string;
  /** Of the reference's own arithmetic. */
  readonly precision: 'float64' | 'float32';
  readonly image: HashedArray;
  /** In the order of the layers. */
  readonly parameters: readonly (HashedArray & { readonly name: string })[];
  readonly depths: Readonly<Record<Depth, GoldenSummary>>;
}

export interface ReferenceFile {
  readonly versions: Readonly<Record<string, string>>;
  readonly networks: readonly ReferenceNetwork[];
}

/** The zoo's own graph beside its results. */
export interface OnnxReferenceFile extends ReferenceFile {
  readonly file: { readonly name: string; readonly sha256: string };
  /** From the picture to the probabilities; attributes and weights' shapes as in the file. */
  readonly structure: readonly {
    readonly op: string;
    readonly attributes: Readonly<Record<string, number | readonly number[]>>;
    readonly weights: readonly (readonly number[])[];
  }[];
}

/** offset + hashed values within the bound. */
interface HashedArray {
  readonly shape: readonly number[];
  readonly seed: number;
  readonly bound: number;
  readonly offset: number;
}

/** What conv2, conv3, the first and the last dense layer read, and the logits. */
export const DEPTHS = ['conv2', 'conv3', 'dense', 'last', 'logits'] as const;
export type Depth = (typeof DEPTHS)[number];

/** As `Recipe.values` of reference_recipe.py. */
export function makeArray({ shape, seed, bound, offset }: HashedArray): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: hashedValues(seed, size, bound).map((value) => offset + value) };
}

/** The name of the value at each depth. Dropout passes its operand on, so its operand is named. */
export function findDepths({ nodes, output }: Graph): Readonly<Record<Depth, string>> {
  const [, conv2, conv3] = nodes.filter(({ op }) => op === 'Conv');
  const dense = nodes.filter(({ op }) => op === 'Gemm');
  const source = (value: string): string => {
    const node = nodes.find((each) => each.output === value);
    return node?.op === 'Dropout' ? source(node.inputs[0]) : value;
  };
  const read = (node: Graph['nodes'][number] | undefined) => source(node?.inputs[0] ?? '');
  return {
    conv2: read(conv2),
    conv3: read(conv3),
    dense: read(dense[0]),
    last: read(dense.at(-1)),
    logits: output,
  };
}
