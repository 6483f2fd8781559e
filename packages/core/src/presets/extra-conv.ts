// Krizhevsky et al. 2012, §6.1, "1 CNN*": a sixth convolutional layer over the last pool; as in layers-146 of the 2012 source.
import type { Graph } from '../graph/graph.ts';
import { addClassifier } from './classifier.ts';
import { buildPaperStages, one, zero } from './paper.ts';
import { paperPreprocessing } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset, type ResolvedOptions, TEN_CROPS } from './preset.ts';

export const extraConv: Preset = {
  title: 'The paper\'s "1 CNN*": one more convolution, to be pre-trained on more classes',
  source: 'Krizhevsky et al. 2012, §6.1 · layers-146 of the 2012 source',
  defaults: { ...IMAGENET_DEFAULTS, groups: 2 },
  published: [{ top1: 61.0, top5: 83.4, on: TEN_CROPS, source: 'Krizhevsky et al. 2012, table 2' }],
  build,
  preprocessing: paperPreprocessing(224),
};

function build(options: ResolvedOptions): Graph {
  const features = buildPaperStages('extra-conv', options) // [N, 256, 6, 6]
    // Both towers see both, as in conv3. "relu6" is the one behind fc6, in all presets.
    .conv('conv6', { channels: options.width(256), kernel: 3, pads: 1, init: one }) // [N, 256, 6, 6]
    .relu('conv6-relu');
  return addClassifier(features, options, { hidden: one, output: zero });
}
