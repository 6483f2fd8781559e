import { damagedFile } from '../file-error.ts';
import type { Hdf5Node, Hdf5Tree } from './hdf5/tree.ts';
import type { KerasLayer, KerasNetwork } from './keras-network.ts';
import type { LayerPath } from './label-layers.ts';
import { MAX_LAYERS } from './limits.ts';
import { pairGroups } from './pair-groups.ts';
import type { StoredLayer } from './stored-layer.ts';

/** Groups of training's own, and the states of random generators. */
const NOT_WEIGHTS =
  /^(?:optimizer|_?metrics|_?compile_metrics|_loss_tracker|seed_generator(?:_\d+)?)$/;
/** Groups that only hold layers; Keras 2.12 called them by the second name. */
const LISTS: ReadonlySet<string> = new Set(['layers', '_layer_checkpoint_dependencies']);
const VARIABLES = 'vars';

export interface StoredWeights {
  readonly layers: readonly StoredLayer[];
  /** Paths of groups and arrays that are no weights. */
  readonly leftOut: readonly string[];
}

/** A group, and what is known of the layer or model that it belongs to. */
interface Visit {
  readonly node: Hdf5Node;
  /** Name of the layer, after those of the models that it lies in. */
  readonly path: LayerPath;
  readonly layer: KerasLayer | null;
  readonly network: KerasNetwork | null;
}

/**
 * Reads the arrays that Keras 3 writes, and Keras 2.12 and later when asked: `layers/conv2d_1/vars/0`. Newer versions say
 * in the attribute `name` what a layer is called; else its description does, or the group's name stays.
 *
 * @param network - as the same file describes it
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED`
 */
export async function readStoredWeights(
  tree: Hdf5Tree,
  place: string,
  network: KerasNetwork | null,
): Promise<StoredWeights> {
  const layers: StoredLayer[] = [];
  const leftOut: string[] = [];
  const visit = async ({ node, path, layer, network: inside }: Visit): Promise<void> => {
    for (const name of tree.names(node)) {
      const child = tree.find(node, [name]);
      if (!child) continue;
      if (NOT_WEIGHTS.test(name) || tree.isDataset(child)) leftOut.push(child.path.join('/'));
      else if (LISTS.has(name)) await visitList(child, path, inside);
      else if (name === VARIABLES) {
        const arrays = await readVariables(tree, child, leftOut);
        const className = node.path.at(-1) ?? null;
        if (arrays.length > 0) layers.push({ path, arrays, className, layer });
      } else {
        await visit({
          node: child,
          path: [...path, labelOf(tree, child, null)],
          layer: null,
          network: null,
        });
      }
      if (layers.length <= MAX_LAYERS) continue;
      throw damagedFile(place, `it has more than ${MAX_LAYERS} layers`);
    }
  };
  const visitList = async (
    list: Hdf5Node,
    path: LayerPath,
    inside: KerasNetwork | null,
  ): Promise<void> => {
    for (const { name, layer } of pairGroups(tree.names(list), inside)) {
      const node = tree.find(list, [name]);
      if (!node) continue;
      const label = labelOf(tree, node, layer);
      await visit({ node, path: [...path, label], layer, network: layer?.network ?? null });
    }
  };
  await visit({ node: tree.root, path: [], layer: null, network });
  return { layers, leftOut };
}

/** What a layer is called: by the file itself, by its description, else as its group is. */
function labelOf(tree: Hdf5Tree, group: Hdf5Node, layer: KerasLayer | null): string {
  const variables = tree.find(group, [VARIABLES]);
  const [said = ''] = (variables && tree.texts(variables, 'name')) ?? [];
  if (said !== '') return said;
  return layer?.name ?? group.path.at(-1) ?? '';
}

/** Arrays under their numbers, in that order. */
async function readVariables(
  tree: Hdf5Tree,
  group: Hdf5Node,
  leftOut: string[],
): Promise<StoredLayer['arrays']> {
  const numbers = tree.names(group).filter((name) => /^\d+$/.test(name));
  const arrays: StoredLayer['arrays'][number][] = [];
  for (const name of numbers.sort((a, b) => Number(a) - Number(b))) {
    const node = tree.find(group, [name]);
    if (!node || !tree.isDataset(node)) continue;
    const tensor = await tree.readTensor(node);
    if (typeof tensor === 'string') leftOut.push(`${node.path.join('/')} (${tensor})`);
    else arrays.push({ role: null, tensor });
  }
  return arrays;
}
