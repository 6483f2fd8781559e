import type { WeightFile } from '../weight-file.ts';
import type { FileLayer } from './file-layers.ts';

const VGG_CONVOLUTIONS: ReadonlyMap<number, string> = new Map([
  [8, 'VGG-11'],
  [10, 'VGG-13'],
  [13, 'VGG-16'],
  [16, 'VGG-19'],
]);

/** Words in names that only one family of networks has. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/fire\d|squeeze(?:1x1|net)|expand(?:1x1|3x3)/i, 'SqueezeNet'],
  [/denseblock|denselayer/i, 'DenseNet'],
  [/mixed_?\d|inception/i, 'Inception'],
  [/depthwise|mobilenet|inverted_?res|expanded_conv/i, 'MobileNet'],
  [/efficientnet|_blocks\.\d+\._/i, 'EfficientNet'],
  [/attn|attention|cls_token|pos_embed|self_attention/i, 'a transformer'],
  [/layer\d\.\d+\.(?:conv|bn)\d|downsample|res\d[a-z]_branch|resnet|block\d_unit/i, 'ResNet'],
  [/lstm|gru_cell|rnn/i, 'a recurrent network'],
];

/** The network that a file seems to be of, where it is one that is often mistaken; undefined for others. */
export function guessOtherNetwork(
  { tensors }: Pick<WeightFile, 'tensors'>,
  layers: readonly FileLayer[],
): string | undefined {
  const kernels = layers.flatMap(({ kind, arrays }) => {
    const shape = arrays.get('weight')?.tensor.shape ?? [];
    return kind === 'conv' ? [shape] : [];
  });
  const dense = layers.filter(({ kind }) => kind === 'dense').length;
  const isSmall = kernels.every((shape) => shape.filter((length) => length === 3).length >= 2);
  const vgg = VGG_CONVOLUTIONS.get(kernels.length);
  if (vgg && isSmall && dense <= 3) return vgg;
  const names = [...tensors.keys()].join('\n');
  const found = WORDS.find(([words]) => words.test(names));
  if (found) return found[1];
  return kernels.length === 26 && dense === 0 ? 'SqueezeNet' : undefined;
}
