import type { GraphSummary, LayerSummary, OpName, TrainingMemory } from '@alexnet/core';
import { formatBytes, formatCount, formatShortBytes, formatTable } from '../terminal/format.ts';

/** Names too long for a table. */
const SHORT_NAMES: { readonly [Op in OpName]?: string } = {
  AdaptiveAveragePool: 'AdaptivePool',
  BatchNormalization: 'BatchNorm',
};

const FIELD_COLUMNS = ['field', 'step', 'first'] as const;
const NUMBER_COLUMNS = ['parameters', 'mult-adds', 'memory', ...FIELD_COLUMNS] as const;

const LEGEND = [
  'window: height×width/step, p padding, g groups, ceil: rounded up. field, step, first: what an',
  'element sees in pixels of the input, how far the next one looks, where the first one looks.',
];

/** A network as a table, a layer a line, and its totals: for a terminal of 100 columns. */
export function describeLayers(
  { name, inputShape, parameters, multiplyAdds, activationBytes, layers }: GraphSummary,
  training: TrainingMemory & { readonly batchSize: number },
): readonly string[] {
  const header = ['layer', 'op', 'output', 'window', ...NUMBER_COLUMNS];
  const rows = layers.map((layer) => [
    layer.name,
    SHORT_NAMES[layer.op] ?? layer.op,
    layer.outputShape.slice(1).join('×'),
    describeWindow(layer),
    layer.parameters === 0 ? '' : formatCount(layer.parameters),
    layer.multiplyAdds === 0 ? '' : formatCount(layer.multiplyAdds),
    formatShortBytes(layer.activationBytes),
    ...describeField(layer),
  ]);
  return [
    `${name}: input [${['N', ...inputShape.slice(1)].join(', ')}]`,
    ...formatTable(header, rows, { rightAligned: NUMBER_COLUMNS }),
    ...LEGEND,
    `${formatCount(parameters)} parameters, ${formatCount(multiplyAdds)} multiply-adds a picture`,
    `${formatBytes(activationBytes)} of layer outputs a picture`,
    ...describeTraining(training),
  ];
}

/** `11/4 p2 g2`: one number for what is the same on all sides, nothing for what is as usual. */
function describeWindow({ attributes }: LayerSummary): string {
  if ('kernelShape' in attributes) {
    const { kernelShape, strides, pads } = attributes;
    return [
      `${joinEqual(kernelShape, '×')}/${joinEqual(strides, '×')}`,
      ...(pads.some((pad) => pad > 0) ? [`p${joinEqual(pads, ',')}`] : []),
      ...('group' in attributes && attributes.group > 1 ? [`g${attributes.group}`] : []),
      ...('ceilMode' in attributes && attributes.ceilMode ? ['ceil'] : []),
    ].join(' ');
  }
  if ('outputSize' in attributes) return `to ${joinEqual(attributes.outputSize, '×')}`;
  if ('size' in attributes) {
    const isGrouped = 'groups' in attributes && attributes.groups > 1;
    return `${attributes.size}${isGrouped ? ` g${attributes.groups}` : ''}`;
  }
  return '';
}

function describeField({ receptiveField }: LayerSummary): readonly string[] {
  if (!receptiveField) return FIELD_COLUMNS.map(() => '');
  const { size, stride, offset } = receptiveField;
  const isWhole = stride.every((step) => step === 0);
  return [joinEqual(size, '×'), isWhole ? '–' : joinEqual(stride, '×'), joinEqual(offset, ',')];
}

/** One number if all are the same; two digits behind the point. */
function joinEqual(values: readonly number[], separator: string): string {
  const texts = values.map((value) => String(Math.round(value * 100) / 100));
  return new Set(texts).size === 1 ? (texts[0] ?? '') : texts.join(separator);
}

function describeTraining({
  batchSize,
  totalBytes,
  weightBytes,
  gradientBytes,
  optimizerBytes,
  activationBytes,
  inputBytes,
}: TrainingMemory & { readonly batchSize: number }): readonly string[] {
  const parts = [
    ['weights', weightBytes],
    ['gradients', gradientBytes],
    ['momentum', optimizerBytes],
    ['activations', activationBytes],
    ['pictures', inputBytes],
  ] as const;
  return [
    `a training step of ${formatCount(batchSize)} pictures needs ${formatBytes(totalBytes)} at least:`,
    `  ${parts.map(([name, bytes]) => `${name} ${formatShortBytes(bytes)}`).join(', ')}`,
  ];
}
