import { unsupportedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import type { FileTensor } from '../weight-file.ts';
import type { KerasLayer } from './keras-network.ts';
import { type LayerPath, labelLayers } from './label-layers.ts';

/** The arrays of one layer, as the file has them. */
export interface StoredLayer {
  readonly path: LayerPath;
  /** In the file's order; with their roles where the file says them: `kernel`, `moving_mean`. */
  readonly arrays: readonly { readonly role: string | null; readonly tensor: FileTensor }[];
  /** What Keras calls layers of its class, where the file says it: `batch_normalization`. */
  readonly className: string | null;
  /** As the file describes it. */
  readonly layer: KerasLayer | null;
}

/**
 * All arrays under one kind of name: `conv1/kernel`, `bn1/moving_mean`; numbered where nothing tells what they are.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` for weights that are quantised
 */
export function nameArrays(
  layers: readonly StoredLayer[],
  place: string,
): ReadonlyMap<string, FileTensor> {
  const labels = labelLayers(layers.map(({ path }) => path));
  const found = new Map<string, FileTensor>();
  for (const [index, layer] of layers.entries()) {
    const label = labels[index] ?? '';
    const roles = guessRoles(layer);
    for (const [number, { role, tensor }] of layer.arrays.entries()) {
      const own = role ?? roles[number] ?? String(number);
      checkQuantized(tensor, own, { label, place });
      const name = `${label}/${own}`;
      found.set(found.has(name) ? `${label}/${number}` : name, tensor);
    }
  }
  return found;
}

/** A kernel has several axes, and its bias one; a normalisation has vectors of one length. */
function guessRoles(stored: StoredLayer): readonly string[] {
  const { arrays, className, layer } = stored;
  const [first, ...others] = arrays.map(({ tensor }) => tensor.shape);
  if (first === undefined) return [];
  if (first.length > 1) return others.every(({ length }) => length === 1) ? ['kernel', 'bias'] : [];
  const isNorm =
    arrays.length === 4 ||
    layer?.className === 'BatchNormalization' ||
    className?.startsWith('batch_normalization');
  const areAlike = others.every((shape) => shape.length === 1 && shape[0] === first[0]);
  return isNorm && areAlike ? normRoles(stored) : [];
}

/** Scale and shift may be left out; where nothing says which of them is, a scale's numbers are near one. */
function normRoles({ arrays, layer }: StoredLayer): readonly string[] {
  const missing = 4 - arrays.length;
  const { center = true, scale = true } = layer?.attributes ?? {};
  const isScale = layer
    ? scale
    : missing === 0 || (missing === 1 && meanOf(arrays[0]?.tensor) > 0.5);
  const isShift = layer ? center : missing === 0 || (missing === 1 && !isScale);
  const learned = [...(isScale ? ['gamma'] : []), ...(isShift ? ['beta'] : [])];
  const roles = [...learned, 'moving_mean', 'moving_variance'];
  return roles.length === arrays.length ? roles : [];
}

function meanOf(tensor: FileTensor | undefined): number {
  const numbers = tensor?.toFloat32() ?? new Float32Array(0);
  return numbers.reduce((sum, value) => sum + value, 0) / Math.max(1, numbers.length);
}

function checkQuantized(
  { dtype }: FileTensor,
  role: string,
  { label, place }: { readonly label: string; readonly place: string },
): void {
  if (role !== 'kernel' || (dtype !== 'int8' && dtype !== 'uint8')) return;
  const reason = `the weights of layer ${quoteName(label)} are quantised (${dtype})`;
  throw unsupportedFile(place, reason, 'Save the model as it was before model.quantize().');
}
