import type { PresetId } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { importWeights } from './import-weights.ts';
import { fileOf, modelOf, pytorch, refusal, zeros } from './test-weight-files.ts';

describe('refuses', () => {
  const VGG = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512];
  const INDICES = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28];
  const vgg: Record<string, readonly number[]> = {
    'classifier.0.weight': [4096, 25088],
    'classifier.3.weight': [4096, 4096],
    'classifier.6.weight': [1000, 4096],
  };
  for (const [layer, outputs] of VGG.entries()) {
    vgg[`features.${INDICES[layer]}.weight`] = [outputs, VGG[layer - 1] ?? 3, 3, 3];
    vgg[`features.${INDICES[layer]}.bias`] = [outputs];
  }

  test('VGG-16, naming its first layer, the nearest preset and both shapes of each', () => {
    const { code, message, hint } = refusal(() =>
      importWeights(zeros(vgg), { source: 'vgg16.pth' }),
    );
    expect(code).toBe('UNSUPPORTED');
    const [first, ...table] = message.split('\n');
    expect(first).toBe(
      'vgg16.pth is of no AlexNet that is known here: its layer "features/0" is [64, 3, 3, 3], but conv1 of the nearest preset, "torchvision", is [64, 3, 11, 11]. It looks like VGG-16.',
    );
    expect(table[0]).toMatch(/^expected +found/);
    expect(table.find((line) => line.startsWith('fc7'))).toMatch(
      /\[4096, 4096\] .*\[4096, 4096\] +fits$/,
    );
    expect(hint).toContain('--skip');
  });

  test('and says what kept the layers of the file from being read', () => {
    const note = 'Its layers were not read as a network: layer "leaky" is of a class …';
    const { message } = refusal(() => importWeights({ ...zeros(vgg), notes: [note] }));
    expect(message.split('\n')[1]).toBe(note);
  });

  test('a preset that was asked for and does not fit', () => {
    const { message } = refusal(() =>
      importWeights(fileOf(modelOf('torchvision'), pytorch), {
        preset: 'caffe-alexnet',
        source: 'x.pth',
      }),
    );
    expect(message).toMatch(
      /^x\.pth is not of the preset "caffe-alexnet": its layer "features\/0" is/,
    );
  });

  test('SqueezeNet and ResNet by what they are', () => {
    const squeeze: Record<string, readonly number[]> = {};
    for (let layer = 0; layer < 26; layer += 1) {
      squeeze[`squeezenet0_conv${layer}_weight`] = [
        16,
        16,
        layer % 3 === 0 ? 3 : 1,
        layer % 3 === 0 ? 3 : 1,
      ];
    }
    expect(refusal(() => importWeights(zeros(squeeze))).message).toContain(
      'It looks like SqueezeNet.',
    );
    const resnet = {
      'conv1.weight': [64, 3, 7, 7],
      'layer1.0.conv1.weight': [64, 64, 1, 1],
      'layer1.0.downsample.0.weight': [256, 64, 1, 1],
      'fc.weight': [1000, 2048],
      'fc.bias': [1000],
    };
    expect(refusal(() => importWeights(zeros(resnet))).message).toContain('It looks like ResNet.');
  });

  test('files without layers, and mean pictures', () => {
    expect(refusal(() => importWeights(zeros({}))).message).toContain('it has nothing for conv1');
    expect(refusal(() => importWeights(zeros({ step: [] }))).message).toContain(
      'holds one array, []: a network has several',
    );
    expect(refusal(() => importWeights(zeros({ step: [], epoch: [] }))).message).toContain(
      'nothing for conv1',
    );
    const mean = { ...zeros({ mean: [1, 3, 256, 256] }), format: 'binaryproto' } as const;
    expect(refusal(() => importWeights(mean, { source: 'mean.binaryproto' })).message).toBe(
      "mean.binaryproto is a mean picture of 1×3×256×256, not a network's weights.",
    );
  });

  test('a preset that does not exist', () => {
    const preset = 'alexnet' as PresetId;
    expect(refusal(() => importWeights(zeros({}), { preset })).code).toBe('UNKNOWN_PRESET');
  });
});
