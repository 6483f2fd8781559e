import { expect, test } from 'vitest';
import { readPlacement } from './placement.ts';

const node = (provider: unknown, op_name: string) => ({
  cat: 'Node',
  name: 'conv1_kernel_time',
  args: { provider, op_name },
});

test('counts the nodes that the device ran, and names the operators that others ran', () => {
  const profile = JSON.stringify([
    { cat: 'Session', name: 'model_loading_array', args: {} },
    node('WebGpuExecutionProvider', 'Conv'),
    node('CPUExecutionProvider', 'LRN'),
    node('WebGpuExecutionProvider', 'Gemm'),
    node('CPUExecutionProvider', 'LRN'),
    node('CPUExecutionProvider', 'Dropout'),
  ]);
  expect(readPlacement(profile, 'webgpu')).toEqual({
    here: 2,
    elsewhere: 3,
    operators: ['Dropout', 'LRN'],
  });
  expect(readPlacement(profile, 'cuda')).toMatchObject({ here: 0, elsewhere: 5 });
});

test.each(['', 'no JSON', '{}', '[null, 3, {"cat":"Node"}]', JSON.stringify([node(7, 'Conv')])])(
  'says nothing of %j',
  (profile) => {
    expect(readPlacement(profile, 'cuda')).toEqual({ here: 0, elsewhere: 0, operators: [] });
  },
);
