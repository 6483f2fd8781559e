import { AlexNetError } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import type { CaffeLayer } from './caffe-layer.ts';
import type { RawLayer } from './decode-net.ts';
import { type Fields, type FieldValue, readFields } from './fields.ts';
import { isForTest } from './phase.ts';
import { V1_LAYER_TYPES } from './schema.ts';

/** V0's names of layer types. */
const V0_LAYER_TYPES: ReadonlyMap<string, string> = new Map([
  ['accuracy', 'Accuracy'],
  ['bnll', 'BNLL'],
  ['concat', 'Concat'],
  ['conv', 'Convolution'],
  ['data', 'Data'],
  ['dropout', 'Dropout'],
  ['euclidean_loss', 'EuclideanLoss'],
  ['flatten', 'Flatten'],
  ['hdf5_data', 'HDF5Data'],
  ['hdf5_output', 'HDF5Output'],
  ['im2col', 'Im2col'],
  ['images', 'ImageData'],
  ['infogain_loss', 'InfogainLoss'],
  ['innerproduct', 'InnerProduct'],
  ['lrn', 'LRN'],
  ['multinomial_logistic_loss', 'MultinomialLogisticLoss'],
  ['padding', 'Padding'],
  ['pool', 'Pooling'],
  ['relu', 'ReLU'],
  ['sigmoid', 'Sigmoid'],
  ['softmax', 'Softmax'],
  ['softmax_loss', 'SoftmaxWithLoss'],
  ['split', 'Split'],
  ['tanh', 'TanH'],
  ['window_data', 'WindowData'],
]);

type Renaming = ReadonlyMap<string, string>;

/** Where V0's fields stand in V2, by layer type: the message, and V2's names of fields that changed theirs. */
const V0_MESSAGES: ReadonlyMap<string, readonly [message: string, renamed: Renaming]> = new Map([
  [
    'Convolution',
    [
      'convolution_param',
      new Map([
        ['biasterm', 'bias_term'],
        ['kernelsize', 'kernel_size'],
      ]),
    ],
  ],
  ['Pooling', ['pooling_param', new Map([['kernelsize', 'kernel_size']])]],
  ['InnerProduct', ['inner_product_param', new Map([['biasterm', 'bias_term']])]],
  ['LRN', ['lrn_param', new Map()]],
  ['Dropout', ['dropout_param', new Map()]],
]);

/** What V0 has for the data layers of any kind. */
const V0_TRANSFORM: Renaming = new Map([
  ['scale', 'scale'],
  ['meanfile', 'mean_file'],
  ['cropsize', 'crop_size'],
]);

/** Messages in which V1's data layers had the crop before there was `transform_param`. */
const V1_DATA_MESSAGES = ['data_param', 'image_data_param', 'window_data_param'] as const;

/**
 * A layer of V1 or V0 as V2 has it.
 *
 * @see `src/caffe/util/upgrade_proto.cpp` of Caffe
 * @throws AlexNetError `INVALID_MODEL`
 */
export function upgradeLayer({ fields, blobs }: RawLayer): CaffeLayer {
  const outer = readFields(fields, 'a layer');
  const inner = fields.get('layer')?.at(-1);
  const isV0 = typeof inner === 'object';
  const name = isV0 ? readFields(inner, 'a layer').text('name') : outer.text('name');
  const place = quoteName(name);
  const upgraded = isV0 ? upgradeV0(inner, place) : upgradeV1(fields, place);
  return {
    name,
    type: upgraded.type,
    bottoms: outer.texts('bottom'),
    tops: outer.texts('top'),
    isForTest: isForTest(outer),
    fields: upgraded.fields,
    blobs,
  };
}

interface Upgraded {
  readonly type: string;
  readonly fields: Fields;
}

function upgradeV1(fields: Fields, place: string): Upgraded {
  const layer = readFields(fields, place);
  const type = typeOfV1(fields.get('type')?.at(-1) ?? 0);
  if (fields.has('transform_param')) return { type, fields };
  const source = V1_DATA_MESSAGES.find((message) => layer.message(message).has('crop_size'));
  if (source === undefined) return { type, fields };
  return { type, fields: new Map([...fields, ['transform_param', fields.get(source) ?? []]]) };
}

/** By number in a binary file, by name in a text: `INNER_PRODUCT`. */
function typeOfV1(type: FieldValue): string {
  if (typeof type === 'number') return V1_LAYER_TYPES.get(type) ?? `type ${type}`;
  if (typeof type !== 'string') return 'none';
  const isSame = (known: string) => toV1Name(known) === type.replaceAll('_', '');
  if (type === 'SOFTMAX_LOSS') return 'SoftmaxWithLoss';
  return [...V1_LAYER_TYPES.values()].find(isSame) ?? type;
}

function toV1Name(type: string): string {
  return type.toUpperCase();
}

function upgradeV0(fields: Fields, place: string): Upgraded {
  const named = readFields(fields, place).text('type');
  const type = V0_LAYER_TYPES.get(named) ?? named;
  const [message, renamed] = V0_MESSAGES.get(type) ?? ['', new Map<string, string>()];
  const moved = new Map(
    [...fields].map(([field, values]) => [renamed.get(field) ?? field, values]),
  );
  const transform = [...V0_TRANSFORM].flatMap(([from, to]) => {
    const values = fields.get(from);
    return values ? [[to, values] as const] : [];
  });
  return {
    type,
    fields: new Map<string, readonly FieldValue[]>([
      ...(message === '' ? [] : [[message, [moved]] as const]),
      ...(transform.length === 0 ? [] : [['transform_param', [new Map(transform)]] as const]),
      ...(type === 'Padding' ? [['pad', fields.get('pad') ?? []] as const] : []),
    ]),
  };
}

/**
 * V0's layers of nothing but zeros around a picture become the `pad` of the layers behind them.
 *
 * @throws AlexNetError `INVALID_MODEL` where another layer than a convolution or a pool reads them
 */
export function foldPaddingLayers(layers: readonly CaffeLayer[]): readonly CaffeLayer[] {
  const makers = new Map<string, CaffeLayer>();
  const folded: CaffeLayer[] = [];
  for (const layer of layers) {
    const paddings = layer.bottoms.map((bottom) => makers.get(bottom));
    const padding = paddings.find((maker) => maker?.type === 'Padding');
    if (layer.type !== 'Padding') folded.push(padding ? withPadding(layer, padding) : layer);
    for (const top of layer.tops) makers.set(top, layer);
  }
  return folded;
}

function withPadding(layer: CaffeLayer, padding: CaffeLayer): CaffeLayer {
  const message =
    layer.type === 'Convolution'
      ? 'convolution_param'
      : layer.type === 'Pooling'
        ? 'pooling_param'
        : null;
  if (message === null || layer.bottoms.length !== 1 || padding.bottoms.length !== 1) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${quoteName(layer.name)} (${layer.type}) reads the padding layer ${quoteName(padding.name)}; only convolutions and pools do.`,
      hint: 'Give "pad" to the convolution or the pool itself.',
      path: [layer.name, padding.name],
    });
  }
  const inner = layer.fields.get(message)?.at(-1);
  const padded = new Map<string, readonly FieldValue[]>([
    ...(typeof inner === 'object' ? inner : []),
    ['pad', padding.fields.get('pad') ?? [0]],
  ]);
  return {
    ...layer,
    bottoms: padding.bottoms,
    fields: new Map([...layer.fields, [message, [padded]]]),
  };
}
