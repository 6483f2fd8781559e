// The network of Krizhevsky et al. 2012 on one device, as most re-implementations have it: no groups, 227 pixels.
import type { Graph } from '../graph/graph.ts';
import { addClassifier } from './classifier.ts';
import { buildPaperStages, one, zero } from './paper.ts';
import { paperPreprocessing } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions } from './preset.ts';

export const ungrouped: Preset = {
  title: 'The network of the 2012 paper on one device, without groups',
  source: 'Krizhevsky et al. 2012, its two towers merged',
  defaults: { ...IMAGENET_DEFAULTS, inputSize: 227 },
  fixed: { groups: 'with 2 it is the preset "paper" or "caffe-alexnet"' },
  build,
  preprocessing: paperPreprocessing(227),
};

function build(options: ResolvedOptions): Graph {
  // [N, 3, 227, 227] → conv1 [N, 96, 55, 55] → pool1 27 → pool2 13 → pool5 [N, 256, 6, 6]
  const features = buildPaperStages('ungrouped', options, {
    conv1Pads: 0,
    // 1e-4 / 5: their α is divided by the window, as PyTorch's and Caffe's is; k is the paper's
    lrn: { size: 5, alpha: 1e-4 / 5, beta: 0.75, k: 2 },
    pool: { kernel: 3, stride: 2 },
  });
  return addClassifier(features, options, { hidden: one, output: zero });
}
