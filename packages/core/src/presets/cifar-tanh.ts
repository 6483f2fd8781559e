// Krizhevsky et al. 2012, figure 1: the net of cifar-relu with tanh in place of every ReLU.
import { buildCifar, cifarRelu } from './cifar-relu.ts';
import type { Preset } from './preset.ts';

export const cifarTanh: Preset = {
  ...cifarRelu,
  title: 'The four-layer net of figure 1 for CIFAR-10, with tanh',
  build: (options) => buildCifar('cifar-tanh', 'tanh', options),
};
