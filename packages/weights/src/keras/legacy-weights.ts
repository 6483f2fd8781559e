import { damagedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import type { Hdf5Node, Hdf5Tree } from './hdf5/tree.ts';
import { MAX_LAYERS } from './limits.ts';
import type { StoredLayer } from './stored-layer.ts';

/** Most arrays of a layer, or of a model that stands in place of one. */
const MAX_ARRAYS = 4096;

/** What Keras 1 wrote behind a layer's name, and what that is called now. */
const OLD_ENDINGS: readonly (readonly [ending: RegExp, role: string])[] = [
  [/_W$/, 'kernel'],
  [/_b$/, 'bias'],
  [/_gamma$/, 'gamma'],
  [/_beta$/, 'beta'],
  [/_running_mean$/, 'moving_mean'],
  [/_running_std$/, 'moving_variance'],
];

export interface LegacyWeights {
  readonly layers: readonly StoredLayer[];
  /** Arrays that are no numbers. */
  readonly leftOut: readonly string[];
}

/**
 * Reads the arrays that Keras 1, 2 and, asked for .h5, 3 write: the attribute `layer_names` names groups, each one's
 * attribute `weight_names` its datasets.
 *
 * @param group - the file's root, or `model_weights` of a whole model
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED`
 */
export async function readLegacyWeights(
  tree: Hdf5Tree,
  group: Hdf5Node,
  place: string,
): Promise<LegacyWeights> {
  const names = readNames(tree, group, 'layer_names') ?? [];
  checkCount(names.length, MAX_LAYERS, 'layers', place);
  const layers: StoredLayer[] = [];
  const leftOut: string[] = [];
  for (const name of names) {
    const node = find(tree, group, name, place);
    const arrays = readNames(tree, node, 'weight_names') ?? [];
    checkCount(arrays.length, MAX_ARRAYS, `arrays of layer ${quoteName(name)}`, place);
    for (const { path, stored } of groupByLayer(name, arrays)) {
      const read: StoredLayer['arrays'][number][] = [];
      for (const { array, role } of stored) {
        const tensor = await tree.readTensor(find(tree, node, array, place));
        if (typeof tensor === 'string') leftOut.push(`${name}/${array} (${tensor})`);
        else read.push({ role, tensor });
      }
      if (read.length > 0) layers.push({ path, arrays: read, className: null, layer: null });
    }
  }
  return { layers, leftOut };
}

/** Long lists are cut into `layer_names0`, `layer_names1` … */
function readNames(tree: Hdf5Tree, node: Hdf5Node, attribute: string): readonly string[] | null {
  const whole = tree.texts(node, attribute);
  if (whole) return whole;
  const names: string[] = [];
  for (let part = 0; ; part += 1) {
    const texts = tree.texts(node, `${attribute}${part}`);
    if (!texts) return part === 0 ? null : names;
    for (const text of texts) names.push(text);
  }
}

interface NamedArray {
  /** The dataset's path from the layer's group on. */
  readonly array: string;
  readonly role: string | null;
}

/**
 * The arrays of a group by layer. `conv1/kernel:0`, `sequential/conv1/kernel` and `conv1_W` are the layer's own; a
 * model that stands in place of a layer has arrays of several.
 */
function groupByLayer(
  layer: string,
  arrays: readonly string[],
): readonly { readonly path: readonly string[]; readonly stored: readonly NamedArray[] }[] {
  const byOwner = new Map<string, NamedArray[]>();
  for (const array of arrays) {
    const parts = array.split('/');
    const owner = parts.at(-2) ?? layer;
    const stored = byOwner.get(owner) ?? [];
    stored.push({ array, role: roleOf(parts.at(-1) ?? '') });
    byOwner.set(owner, stored);
  }
  const isOne = byOwner.size === 1;
  return [...byOwner].map(([owner, stored]) => {
    return { path: isOne ? [layer] : [layer, owner], stored };
  });
}

function roleOf(name: string): string | null {
  const plain = name.replace(/:\d+$/, '');
  const old = OLD_ENDINGS.find(([ending]) => ending.test(plain));
  if (old) return old[1];
  return /^[a-z_]+$/.test(plain) && !/^param_/.test(plain) ? plain : null;
}

function find(tree: Hdf5Tree, group: Hdf5Node, path: string, place: string): Hdf5Node {
  const found = tree.find(
    group,
    path.split('/').filter((part) => part !== ''),
  );
  if (found) return found;
  throw damagedFile(place, `${quoteName([...group.path, path].join('/'))} is named, but not there`);
}

function checkCount(count: number, limit: number, what: string, place: string): void {
  if (count > limit) throw damagedFile(place, `it has ${count} ${what}: ${limit} is the limit`);
}
