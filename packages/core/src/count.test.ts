import { describe, expect, test } from 'vitest';
import { summarize } from './count.ts';
import { createNetwork } from './create-model.ts';
import { findPreset, PRESET_IDS, type PresetId } from './presets/index.ts';

describe('summarize', () => {
  // Published: parameters and millions of multiply-adds of one picture, and the sizes after the pools.
  test.each<{ preset: PresetId; parameters: number; mmac: number; pools: number[]; flat: number }>([
    { preset: 'paper', parameters: 60_965_224, mmac: 724, pools: [27, 13, 6], flat: 9216 },
    { preset: 'caffe-alexnet', parameters: 60_965_224, mmac: 724, pools: [27, 13, 6], flat: 9216 },
    { preset: 'torchvision', parameters: 61_100_840, mmac: 714, pools: [27, 13, 6], flat: 9216 },
    { preset: 'mnist', parameters: 5_624_842, mmac: 35, pools: [14, 7, 4], flat: 4096 },
  ])('$preset has its published counts', ({ preset, parameters, mmac, pools, flat }) => {
    const summary = summarize(createNetwork(preset).graph);
    expect(summary.parameters).toBe(parameters);
    expect(Math.round(summary.multiplyAdds / 1e6)).toBe(mmac);
    const sizes = summary.layers
      .filter(({ op }) => op === 'MaxPool')
      .map(({ outputShape }) => outputShape[2]);
    expect(sizes).toEqual(pools);
    expect(summary.layers.find(({ op }) => op === 'Flatten')?.outputShape).toEqual([1, flat]);
  });

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
      parameters: 256 * 48 * 5 * 5 + 256,
      multiplyAdds: 256 * 27 * 27 * 48 * 5 * 5,
    });
  });
});

describe('presets', () => {
  test.each(PRESET_IDS)('%s says what it is and where it comes from', (id) => {
    const { title, source } = findPreset(id);
    expect(title.length).toBeGreaterThan(10);
    expect(source.length).toBeGreaterThan(5);
  });

  test('the order of operations differs as published', () => {
    const order = (preset: PresetId) =>
      createNetwork(preset)
        .graph.nodes.map(({ name }) => name)
        .join(' ');
    expect(order('caffe-alexnet')).toBe(
      'conv1 relu1 norm1 pool1 conv2 relu2 norm2 pool2 conv3 relu3 conv4 relu4 conv5 relu5 pool5 ' +
        'flatten fc6 relu6 drop6 fc7 relu7 drop7 fc8',
    );
    expect(order('torchvision')).toBe(
      'conv1 relu1 pool1 conv2 relu2 pool2 conv3 relu3 conv4 relu4 conv5 relu5 pool5 ' +
        'flatten drop6 fc6 relu6 drop7 fc7 relu7 fc8',
    );
    expect(order('mnist')).toBe(
      'conv1 relu1 pool1 norm1 drop1 conv2 relu2 pool2 norm2 drop2 conv3 relu3 pool3 norm3 drop3 ' +
        'flatten fc6 relu6 fc7 relu7 fc8',
    );
  });

  test('LRN holds alpha per element', () => {
    const alpha = (preset: PresetId) =>
      createNetwork(preset).graph.nodes.flatMap((node) =>
        node.op === 'LRN' ? node.attributes : [],
      )[0];
    expect(alpha('paper')).toEqual({ size: 5, alpha: 1e-4, beta: 0.75, k: 2 });
    expect(alpha('caffe-alexnet')).toEqual({ size: 5, alpha: 2e-5, beta: 0.75, k: 1 });
    expect(alpha('mnist')?.size).toBe(9);
    expect(alpha('mnist')?.alpha).toBeCloseTo(1.11e-4, 6);
  });

  test('options change what they name', () => {
    const { graph } = createNetwork('caffe-alexnet', {
      classes: 7,
      groups: 1,
      widthMultiplier: 0.5,
      dropout: 0.3,
    });
    expect(graph.parameters.at(-1)?.shape).toEqual([7]);
    expect(graph.parameters.find(({ name }) => name === 'conv2.weight')?.shape).toEqual([
      128, 48, 5, 5,
    ]);
    expect(graph.nodes.find(({ name }) => name === 'drop6')?.attributes).toEqual({ ratio: 0.3 });
  });

  test.each([
    { options: { classes: 1 }, says: /classes is 1/ },
    { options: { inputSize: 0 }, says: /inputSize is 0/ },
    { options: { channels: 2 }, says: /channels is 2/ },
    { options: { dropout: 1 }, says: /dropout is 1/ },
    { options: { widthMultiplier: 0 }, says: /widthMultiplier is 0/ },
    {
      options: { inputSize: 20 },
      says: /pool2 runs out of pixels: its window is 3 in height, but its input has only 1\./,
    },
  ])('refuses $options', ({ options, says }) => {
    expect(() => createNetwork('caffe-alexnet', options)).toThrowError(says);
  });

  test('an unknown preset is refused with the list of those that exist', () => {
    expect(() => findPreset('alexnet')).toThrowError(
      expect.objectContaining({
        code: 'UNKNOWN_PRESET',
        hint: expect.stringContaining('caffe-alexnet'),
      }),
    );
  });

  test('torchvision takes the sizes that leave 6×6 after pool5, and only those', () => {
    const sizes = [222, 223, 224, 254, 255].map((inputSize) => {
      try {
        createNetwork('torchvision', { inputSize });
        return true;
      } catch {
        return false;
      }
    });
    expect(sizes).toEqual([false, true, true, true, false]);
  });
});
