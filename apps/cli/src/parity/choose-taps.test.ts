import { createNetwork, type PresetId } from '@alexnet/core';
import { expect, test } from 'vitest';
import { chooseTaps } from './choose-taps.ts';

test.each<[PresetId, readonly string[]]>([
  ['torchvision', ['pool5', 'fc7', 'logits']],
  ['paper-code', ['pool5', 'fc7', 'logits']],
  ['keras-bn', ['pool5', 'fc8', 'logits']],
  ['cifar-relu', ['conv3', 'pool3', 'logits']],
])('%s is compared at %j', (preset, taps) => {
  expect(chooseTaps(createNetwork(preset).graph)).toEqual(taps);
});
