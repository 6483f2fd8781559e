// The hand-computed cases of tests/ops/*.jsonc, run by the interpreter and by onnxruntime.

import { buildForward } from '@alexnet/autodiff';
import { createNetwork, type Graph, type Model, numberedLabels, type Tensor } from '@alexnet/core';
import { interpret } from '@alexnet/core/interpret';
import { encodeModel, exportOnnx } from '@alexnet/export';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { caseFiles, readCases, toNetwork } from './ops/op-cases.ts';

const { preprocessing } = createNetwork('mini');

function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  const largest = Math.max(1, ...expected.map(Math.abs));
  for (const [index, value] of expected.entries()) {
    expect(
      Math.abs((found[index] ?? Number.NaN) - value),
      `[${index}]: ${found[index]}, not ${value}`,
    ).toBeLessThan(AGREEMENT_TOLERANCES.operator * largest);
  }
}

test('there are cases', () => {
  expect(caseFiles.length).toBeGreaterThanOrEqual(5);
});

describe.each(caseFiles)('%s', (file) => {
  describe.each(readCases(file))('$name', (opCase) => {
    const { graph, weights, input } = toNetwork(opCase);

    test('the interpreter', () => {
      const y = interpret(graph, weights, input).get('y');
      expect(y?.shape).toEqual(opCase.output.shape);
      expectClose(y?.data ?? [], opCase.output.data);
    });

    const forms = opCase.op === 'LRN' ? (['native', 'conv'] as const) : (['native'] as const);
    test.each(forms)('onnxruntime, as exported (%s)', async (lrn) => {
      const flat = flattenOutput(graph);
      const classes = opCase.output.data.length / (opCase.output.shape[0] ?? 1);
      const model: Model = {
        graph: flat,
        weights,
        metadata: {
          preset: null,
          labels: numberedLabels(classes),
          preprocessing,
          provenance: { origin: 'imported' },
        },
      };
      expectClose(await run(exportOnnx(model, { lrn }), { image: input }), opCase.output.data);
    });

    test('onnxruntime, as trained', async () => {
      const flat = flattenOutput(graph);
      const forward = buildForward(flat, { batchSize: input.shape[0] ?? 1 });
      const feeds = { image: input, ...Object.fromEntries(weights) };
      expectClose(await run(encodeModel(forward.model), feeds), opCase.output.data);
    });
  });
});

/** The same network with an output of rank 2, as classifiers have; the op itself is never the last one. */
function flattenOutput(graph: Graph): Graph {
  const flatten = {
    op: 'Flatten',
    name: 'flatten',
    inputs: ['y'],
    output: 'flat',
    attributes: {},
  } as const;
  return { ...graph, nodes: [...graph.nodes, flatten], output: 'flat' };
}

async function run(
  model: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
  const tensors = Object.entries(feeds).map(
    ([name, { data, shape }]) => [name, new ort.Tensor('float32', data, shape)] as const,
  );
  const results = await session.run(Object.fromEntries(tensors));
  const [y] = Object.values(results);
  await session.release();
  return Float32Array.from(y?.data as Float32Array);
}
