import { AlexNetError, formatShape, type Tensor } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import { type Hdf5Entry, writeHdf5 } from './hdf5/write-hdf5.ts';
import { countName } from './pair-groups.ts';

export interface KerasWeightsOptions {
  /**
   * `keras3` is what Keras 3 reads from a file called `.weights.h5` (the default), `legacy` what Keras 1, 2 and 3 read
   * from one called `.h5`.
   */
  readonly form?: 'keras3' | 'legacy';
}

type Role = 'kernel' | 'bias' | 'gamma' | 'beta' | 'moving_mean' | 'moving_variance';

/** Arrays of a layer, in Keras's order. */
const ROLES: readonly Role[] = [
  'kernel',
  'bias',
  'gamma',
  'beta',
  'moving_mean',
  'moving_variance',
];

interface Layer {
  readonly name: string;
  readonly arrays: ReadonlyMap<Role, Tensor>;
}

/**
 * Writes weights that `model.load_weights` takes for a network with the same layers in the same order.
 *
 * @param tensors - `<layer>/kernel`, `bias`, `gamma`, `beta`, `moving_mean`, `moving_variance`, in the order of the
 *   layers and in Keras's layout: HWIO, [in, out], the first dense layer's inputs in the order HWC
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for other names or shapes
 */
export function writeKerasWeights(
  tensors: ReadonlyMap<string, Tensor>,
  { form = 'keras3' }: KerasWeightsOptions = {},
): Uint8Array {
  const layers = groupLayers(tensors);
  return writeHdf5(form === 'legacy' ? toLegacy(layers) : toKeras3(layers));
}

function groupLayers(tensors: ReadonlyMap<string, Tensor>): readonly Layer[] {
  const layers = new Map<string, Map<Role, Tensor>>();
  for (const [name, tensor] of tensors) {
    const cut = name.lastIndexOf('/');
    const role = ROLES.find((each) => each === name.slice(cut + 1));
    if (cut <= 0 || role === undefined) {
      throw new AlexNetError('INVALID_ARGUMENT', {
        message: `Keras has no array called ${quoteName(name)}.`,
        hint: `Names are <layer>/<array>; arrays are ${ROLES.join(', ')}.`,
        path: [name],
      });
    }
    const layer = name.slice(0, cut);
    layers.set(layer, (layers.get(layer) ?? new Map()).set(role, tensor));
  }
  return [...layers].map(([name, arrays]) => {
    return {
      name,
      arrays: new Map([...arrays].sort(([a], [b]) => ROLES.indexOf(a) - ROLES.indexOf(b))),
    };
  });
}

/** What Keras calls layers with these arrays. */
function classOf({ name, arrays }: Layer): string {
  const kernel = arrays.get('kernel');
  if (!kernel) return 'batch_normalization';
  const rank = kernel.shape.length;
  if (rank === 4) return 'conv2d';
  if (rank === 2) return 'dense';
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The kernel of ${quoteName(name)} is ${formatShape(kernel.shape)}.`,
    hint: 'A Conv2D has four axes, a Dense layer two.',
    path: [name],
  });
}

function toKeras3(layers: readonly Layer[]): ReturnType<typeof group> {
  const used = new Map<string, number>();
  const groups = layers.map((layer): [string, Hdf5Entry] => {
    const arrays = [...layer.arrays.values()].map((tensor, index): [string, Hdf5Entry] => {
      return [String(index), { kind: 'array', ...tensor }];
    });
    const variables = group(arrays, [['name', layer.name]]);
    return [countName(classOf(layer), used), group([['vars', variables]])];
  });
  return group([['layers', group(groups)]]);
}

/** @see keras 2.3, keras/engine/saving.py, `save_weights_to_hdf5_group` */
function toLegacy(layers: readonly Layer[]): ReturnType<typeof group> {
  const groups = layers.map((layer): [string, Hdf5Entry] => {
    const { name, arrays } = layer;
    classOf(layer);
    if (name.includes('/')) {
      throw new AlexNetError('INVALID_ARGUMENT', {
        message: `${quoteName(name)} cannot be the name of a layer in an .h5 file.`,
        hint: 'Leave out the slash.',
        path: [name],
      });
    }
    const datasets = [...arrays].map(([role, tensor]): [string, Hdf5Entry] => {
      return [`${role}:0`, { kind: 'array', ...tensor }];
    });
    const names = datasets.map(([dataset]) => `${name}/${dataset}`);
    return [name, group([[name, group(datasets)]], [['weight_names', names]])];
  });
  return group(groups, [
    ['layer_names', layers.map(({ name }) => name)],
    ['backend', 'tensorflow'],
    ['keras_version', '2.3.1'],
  ]);
}

function group(
  entries: readonly (readonly [string, Hdf5Entry])[],
  attributes: readonly (readonly [string, string | readonly string[]])[] = [],
): Extract<Hdf5Entry, { readonly kind: 'group' }> {
  return { kind: 'group', entries: new Map(entries), attributes: new Map(attributes) };
}
