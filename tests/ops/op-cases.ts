import { readdirSync, readFileSync } from 'node:fs';
import { type Graph, parseGraph, type Tensor, type Weights } from '@alexnet/core';

/** A case computed by hand, of `*.jsonc` in this folder. */
export interface OpCase {
  readonly name: string;
  readonly op: string;
  readonly attributes: unknown;
  readonly inputs: readonly {
    readonly shape: readonly number[];
    readonly data: readonly number[];
  }[];
  readonly output: { readonly shape: readonly number[]; readonly data: readonly number[] };
}

const folder = new URL('./', import.meta.url);

export const caseFiles: readonly string[] = readdirSync(folder).filter((name) =>
  name.endsWith('.jsonc'),
);

export function readCases(file: string): readonly OpCase[] {
  const text = readFileSync(new URL(file, folder), 'utf8');
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, ''));
}

/** A network of a case's one node: the first input is the picture, the others are parameters; it gives `y`. */
export function toNetwork(opCase: OpCase): {
  readonly graph: Graph;
  readonly weights: Weights;
  readonly input: Tensor;
} {
  const [image, ...parameters] = opCase.inputs.map(toTensor);
  return {
    graph: toGraph(opCase),
    weights: new Map(parameters.map((tensor, index) => [`parameter${index}`, tensor])),
    input: image ?? { shape: [], data: new Float32Array() },
  };
}

function toGraph({ op, attributes, inputs: [image, ...parameters] }: OpCase): Graph {
  const names = parameters.map((_, index) => `parameter${index}`);
  const graph: unknown = {
    name: 'case',
    input: { name: 'image', shape: image?.shape.slice(1) },
    parameters: parameters.map(({ shape }, index) => ({
      name: names[index],
      shape,
      initializer: { kind: 'constant', value: 0 },
    })),
    nodes: [{ op, name: 'node', inputs: ['image', ...names], output: 'y', attributes }],
    output: 'y',
  };
  return parseGraph(graph);
}

function toTensor({ shape, data }: OpCase['inputs'][number]): Tensor {
  return { shape, data: Float32Array.from(data) };
}
