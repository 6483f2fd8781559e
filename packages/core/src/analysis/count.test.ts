import { describe, expect, test } from 'vitest';
import { createNetwork } from '../model/create-model.ts';
import { summarize } from './count.ts';

describe('summarize', () => {
  test('layers add up to the whole', () => {
    const { layers, parameters, multiplyAdds } = summarize(createNetwork('mini').graph);
    expect(layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(parameters);
    expect(layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0)).toBe(multiplyAdds);
  });

  test('conv2 of the 2012 network, by hand', () => {
    const layer = summarize(createNetwork('caffe-alexnet').graph).layers.find(
      ({ name }) => name === 'conv2',
    );
    expect(layer).toEqual({
      name: 'conv2',
      op: 'Conv',
      outputShape: [1, 256, 27, 27],
      attributes: { kernelShape: [5, 5], strides: [1, 1], pads: [2, 2, 2, 2], group: 2 },
      parameters: 256 * 48 * 5 * 5 + 256,
      multiplyAdds: 256 * 27 * 27 * 48 * 5 * 5,
      activationBytes: 256 * 27 * 27 * 4,
      receptiveField: { size: [51, 51], stride: [8, 8], offset: [9, 9] },
    });
  });
});
