import { type ErrorCode, isAlexNetError, type Shape } from '@alexnet/core';
import { damagedFile, unsupportedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import type { LayoutConvention, WeightFile, WeightFormat, WeightSource } from '../weight-file.ts';
import { readZip, type ZipArchive } from '../zip/read-zip.ts';
import { type DescribedKerasNetwork, describeKerasNetwork } from './describe-network.ts';
import { flipKernels } from './flip-kernels.ts';
import { openHdf5 } from './hdf5/superblock.ts';
import { type Hdf5Tree, openTree } from './hdf5/tree.ts';
import type { KerasNetwork } from './keras-network.ts';
import { readLegacyWeights } from './legacy-weights.ts';
import { MAX_CONFIG_BYTES } from './limits.ts';
import { parseKerasConfig } from './parse-config.ts';
import { readPlainArrays } from './plain-arrays.ts';
import { nameArrays, type StoredLayer } from './stored-layer.ts';
import { readStoredWeights } from './stored-weights.ts';

export interface KerasOptions {
  /** `ignore` takes the arrays and leaves what the file says of its network, which then may hold any code. */
  readonly config?: 'read' | 'ignore';
  /** [C, H, W] of a picture, for networks that leave its size free. */
  readonly inputShape?: Shape;
  /** What the weights were trained with, where the file does not say: Theano turns its kernels round. */
  readonly backend?: 'tensorflow' | 'theano';
}

/** A file of Keras's. */
export interface KerasFile extends WeightFile {
  /** What the file says of its network; null if nothing, or if that was to be ignored. */
  readonly config: KerasNetwork | null;
}

/** What is in a file, its arrays not read yet. */
interface Contents {
  readonly place: string;
  readonly format: WeightFormat | null;
  readonly tree: Hdf5Tree;
  /** The description of the network. */
  readonly config: string | null;
  readonly version: string | null;
  readonly backend: string | null;
}

/** The arrays of a file, layer by layer. */
interface Arrays {
  readonly format: WeightFormat;
  readonly layers: readonly StoredLayer[];
  readonly leftOut: readonly string[];
  readonly notes: readonly string[];
  /** Where Keras 1's two ways to lay out a kernel are possible, or the file is none of Keras's. */
  readonly isOld: boolean;
}

/** Layers that no AlexNet has; a picture's size that nobody said. */
const OPEN_QUESTIONS: readonly ErrorCode[] = ['UNSUPPORTED', 'INVALID_ARGUMENT'];
/** Longest metadata.json that is read. */
const MAX_METADATA_BYTES = 65_536;
/** Names in messages. */
const MAX_NAMED = 8;

/**
 * Reads a file of Keras's: a whole model of any version (`.h5`, `.keras`), or weights alone (`.h5`, `.weights.h5`).
 *
 * Arrays are called `conv1/kernel`, `conv1/bias`, `bn1/gamma`, `bn1/beta`, `bn1/moving_mean`, `bn1/moving_variance`, in
 * the order of the layers. Where a file describes its network, this is checked, and is there as data and as a graph.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` for damaged files; `UNSUPPORTED`, naming layer and class, for
 *   descriptions that hold code, and for links out of the file
 *
 * @example
 * [...(await readKeras(source)).tensors.keys()][0] // 'conv1/kernel'
 */
export async function readKeras(
  { name, bytes }: WeightSource,
  options: KerasOptions = {},
): Promise<KerasFile> {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const contents = isZip ? await openArchive(bytes, name) : openModel(bytes, name);
  const { config: text, place } = contents;
  const isRead = options.config !== 'ignore' && text !== null;
  const config = isRead ? parseKerasConfig(text, place) : null;
  const arrays = await readArrays(contents, config);
  const backend = options.backend ?? contents.backend;
  const convention = conventionOf(arrays, config);
  const named = nameArrays(arrays.layers, place);
  const tensors = backend === 'theano' ? flipKernels(named, convention) : named;
  const network = config ? describe(config, { place, tensors, convention, options }) : null;
  return {
    format: contents.format ?? arrays.format,
    tensors,
    convention: { ...convention, ...(network?.flatten ? { flatten: network.flatten } : {}) },
    notes: [
      ...(arrays.notes.length > 0 ? arrays.notes : describeOrigin(contents, arrays, backend)),
      ...describeLeftOut(arrays.leftOut),
      ...(network?.notes ?? []),
    ],
    config,
    ...(network?.described ? { network: network.described } : {}),
  };
}

/** The graph of the description. What no graph can be made of leaves the arrays alone, and a note. */
function describe(
  config: KerasNetwork,
  file: Parameters<typeof describeKerasNetwork>[1],
): Partial<DescribedKerasNetwork> & { readonly notes: readonly string[] } {
  try {
    return { ...describeKerasNetwork(config, file), notes: [] };
  } catch (error) {
    const isOpen = isAlexNetError(error) && OPEN_QUESTIONS.includes(error.code);
    if (!isOpen) throw error;
    return { notes: [`Its layers were not read as a network: ${error.message}`] };
  }
}

/** A .keras file: a zip archive of the description and an HDF5 file. */
async function openArchive(bytes: Uint8Array, place: string): Promise<Contents> {
  const archive = readZip(bytes, place);
  const config = await readText(archive, 'config.json', MAX_CONFIG_BYTES, place);
  if (config === null) throw damagedFile(place, 'it is a zip archive, but holds no config.json');
  const weights = archive.get('model.weights.h5');
  if (!weights) {
    const names = [...archive.keys()].slice(0, MAX_NAMED).map(quoteName).join(', ');
    const reason = `it holds no model.weights.h5, but ${names}`;
    throw unsupportedFile(place, reason, 'Save it with model.save("model.keras"), in one file.');
  }
  const inner = `${place}, entry "model.weights.h5"`;
  return {
    place,
    format: 'keras',
    tree: openTree(openHdf5(await weights.read(), inner)),
    config,
    version: findVersion(await readText(archive, 'metadata.json', MAX_METADATA_BYTES, place)),
    backend: null,
  };
}

async function readText(
  archive: ZipArchive,
  name: string,
  limit: number,
  place: string,
): Promise<string | null> {
  const entry = archive.get(name);
  if (!entry) return null;
  if (entry.sizeBytes > limit) {
    throw damagedFile(place, `${name} has ${entry.sizeBytes} bytes: ${limit} is the limit`);
  }
  return new TextDecoder().decode(await entry.read());
}

function findVersion(metadata: string | null): string | null {
  return /"keras_version":\s*"([\w.-]{1,20})"/.exec(metadata ?? '')?.[1] ?? null;
}

function openModel(bytes: Uint8Array, place: string): Contents {
  const tree = openTree(openHdf5(bytes, place));
  const { root } = tree;
  const weights = tree.names(root).includes('model_weights')
    ? tree.find(root, ['model_weights'])
    : null;
  const say = (attribute: string) => {
    const [text = null] =
      tree.texts(root, attribute) ?? (weights && tree.texts(weights, attribute)) ?? [];
    return text;
  };
  const config = tree.texts(root, 'model_config')?.[0] ?? null;
  const [version, backend] = [say('keras_version'), say('backend')];
  return { place, format: null, tree, config, version, backend };
}

async function readArrays(
  { tree, place, version }: Contents,
  config: KerasNetwork | null,
): Promise<Arrays> {
  const { root } = tree;
  const names = tree.names(root);
  const has = (node: typeof root, attribute: string) =>
    tree.attributes(node).has(attribute) || tree.attributes(node).has(`${attribute}0`);
  const whole = names.includes('model_weights') ? tree.find(root, ['model_weights']) : null;
  const legacy = [whole, root].find((node) => node !== null && has(node, 'layer_names'));
  if (legacy) {
    const read = await readLegacyWeights(tree, legacy, place);
    const training = names.filter((name) => name === 'optimizer_weights');
    const leftOut = [...read.leftOut, ...training];
    const isOld = version === null || /^[01]\./.test(version);
    return { format: 'keras-h5', layers: read.layers, leftOut, notes: [], isOld };
  }
  const stored = await readStoredWeights(tree, place, config);
  if (stored.layers.length > 0) {
    return { format: 'keras-weights', ...stored, notes: [], isOld: false };
  }
  return { format: 'keras-h5', ...(await readPlainArrays(tree, place)), isOld: true };
}

/** Keras 1 laid kernels out in either way: a bias is as long as a kernel has filters. */
function conventionOf({ layers, isOld }: Arrays, config: KerasNetwork | null): LayoutConvention {
  const modern = { conv: 'HWIO', linear: 'in-out', flatten: 'HWC', channels: 'RGB' } as const;
  const said = config?.layers.find(({ attributes }) => attributes.dataFormat !== undefined);
  const isFirst = said
    ? said.attributes.dataFormat === 'channels_first'
    : layers.some(({ arrays }) => {
        const shapes = arrays.map(({ tensor }) => tensor.shape);
        const kernel = shapes.find((shape) => shape.length === 4);
        const bias = shapes.find((shape) => shape.length === 1);
        return kernel && bias && kernel[0] === bias[0] && kernel[3] !== bias[0];
      });
  return isOld && isFirst ? { ...modern, conv: 'OIHW', flatten: 'CHW' } : modern;
}

function describeOrigin(
  { version }: Contents,
  { format, isOld }: Arrays,
  backend: string | null,
): readonly string[] {
  const known = version === null ? null : `Keras ${version.slice(0, 20)}`;
  const guess =
    format === 'keras-weights' ? 'Keras 3, or 2.12 and later' : 'Keras 1, or an older one';
  const by = `It was saved by ${known ?? guess}${backend ? `, with ${backend.slice(0, 20)}` : ''}.`;
  if (backend === 'theano') return [by, 'Theano turns kernels round: they were turned back.'];
  const isUnknown = isOld && backend === null && format === 'keras-h5';
  return isUnknown
    ? [by, 'It does not say whether Theano trained it, which turns kernels round.']
    : [by];
}

function describeLeftOut(leftOut: readonly string[]): readonly string[] {
  if (leftOut.length === 0) return [];
  const named = leftOut.slice(0, MAX_NAMED).map(quoteName).join(', ');
  const rest = leftOut.length > MAX_NAMED ? ` and ${leftOut.length - MAX_NAMED} more` : '';
  return [`Left out, being no weights: ${named}${rest}.`];
}
