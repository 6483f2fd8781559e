import { unsupportedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import type { FileTensor } from '../weight-file.ts';
import type { Hdf5Node, Hdf5Tree } from './hdf5/tree.ts';
import type { StoredLayer } from './stored-layer.ts';

export interface PlainArrays {
  readonly layers: readonly StoredLayer[];
  readonly leftOut: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Takes all arrays of an HDF5 file that Keras did not write, by the names of their groups: what people save with h5py,
 * and what Keras wrote before 1.0 (`layer_1/param_0`).
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` if it has none
 */
export async function readPlainArrays(tree: Hdf5Tree, place: string): Promise<PlainArrays> {
  const layers = new Map<
    string,
    { path: string[]; arrays: { role: string; tensor: FileTensor }[] }
  >();
  const leftOut: string[] = [];
  const visit = async (node: Hdf5Node): Promise<void> => {
    for (const name of tree.names(node)) {
      const child = tree.find(node, [name]);
      if (!child) continue;
      if (!tree.isDataset(child)) {
        await visit(child);
        continue;
      }
      const tensor = await tree.readTensor(child);
      if (typeof tensor === 'string') leftOut.push(`${child.path.join('/')} (${tensor})`);
      else {
        const owner = node.path.join('/');
        const layer = layers.get(owner) ?? { path: [...node.path], arrays: [] };
        layer.arrays.push({ role: name.replace(/^param_(?=\d+$)/, ''), tensor });
        layers.set(owner, layer);
      }
    }
  };
  await visit(tree.root);
  if (layers.size > 0) {
    const stored = [...layers.values()].map((layer) => ({
      ...layer,
      className: null,
      layer: null,
    }));
    const isKeras = tree.attributes(tree.root).has('nb_layers');
    const note =
      "It is no file of Keras's: all of its arrays are taken, by the names of their groups.";
    return { layers: stored, leftOut, notes: isKeras ? [] : [note] };
  }
  const names = tree.names(tree.root).slice(0, 8).map(quoteName).join(', ');
  const reason = `it is an HDF5 file without arrays of numbers; in it: ${names || 'nothing'}`;
  throw unsupportedFile(
    place,
    reason,
    'Give a file that Keras saved: model.save or model.save_weights.',
  );
}
