// The hand-computed cases of tests/ops/*.jsonc on TensorFlow.
import { startTfjsNetwork } from '@alexnet/train/node';
import { beforeEach, describe, expect, test } from 'vitest';
import { AGREEMENT_TOLERANCES } from './golden/tolerances.ts';
import { expectAllClose, largest } from './ops/compare.ts';
import { caseFiles, readCases, toNetwork } from './ops/op-cases.ts';
import { requireTensorFlow } from './ops/tensorflow.ts';

beforeEach(requireTensorFlow);

test('there are cases', () => {
  expect(caseFiles.length).toBeGreaterThanOrEqual(8);
});

describe.each(caseFiles)('%s', (file) => {
  test.each(readCases(file))('$name', async (opCase) => {
    const { graph, weights, input } = toNetwork(opCase);
    const network = await startTfjsNetwork({ graph, weights, device: 'cpu' });
    const y = network.run(input, ['y']).get('y');
    network.dispose();
    expect(y?.shape).toEqual(opCase.output.shape);
    expectAllClose(y?.data ?? [], opCase.output.data, {
      name: 'y',
      tolerance: AGREEMENT_TOLERANCES.tfjsOperator * Math.max(1, largest(opCase.output.data)),
    });
  });
});
