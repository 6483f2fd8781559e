// Ours: caffe-alexnet (LRN, groups, overlapping pools, two hidden fc layers), every width divided by 16. For tests.
import { buildCaffeAlexNet, caffeAlexNet } from './caffe-alexnet.ts';
import type { Preset } from './preset.ts';

export const mini: Preset = {
  title: 'caffe-alexnet with every width divided by 16, for tests',
  source: 'this project',
  defaults: { ...caffeAlexNet.defaults, classes: 10, widthMultiplier: 1 / 16 },
  build: (options) => buildCaffeAlexNet('mini', options),
  preprocessing: caffeAlexNet.preprocessing,
};
