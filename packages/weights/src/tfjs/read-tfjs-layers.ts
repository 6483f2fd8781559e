import {
  AlexNetError,
  countClasses,
  isAlexNetError,
  type JsonReader,
  readJson,
  type Shape,
} from '@alexnet/core';
import { damagedFile, unsupportedFile } from '../file-error.ts';
import { checkJsonSize } from '../json-size.ts';
import { describeKerasNetwork } from '../keras/describe-network.ts';
import { parseKerasConfig } from '../keras/parse-config.ts';
import { quoteName } from '../quote-name.ts';
import type { FileTensor, LayoutConvention, WeightFile, WeightSource } from '../weight-file.ts';
import { readModelMetadata } from './model-metadata.ts';
import { createCutter, createShardedTensor } from './sharded-tensor.ts';
import { readManifest, type WeightGroup } from './weights-manifest.ts';

/** Longest model.json that is read; ResNet-152's has 300 kB. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

export interface TfjsOptions {
  /** `ignore` takes the arrays and leaves what the file says of its network, which then may hold any class. */
  readonly config?: 'read' | 'ignore';
  /** [C, H, W] of a picture, for networks that leave its size free. */
  readonly inputShape?: Shape;
}

const CONVENTION: LayoutConvention = {
  conv: 'HWIO',
  linear: 'in-out',
  flatten: 'HWC',
  channels: 'RGB',
};

/**
 * Reads a layers model of TensorFlow.js: `model.json` and the files with the weights beside it, quantised ones too.
 *
 * @throws AlexNetError `INVALID_MODEL`; `NOT_FOUND` for a file that is missing; `UNSUPPORTED` for a graph model, and
 *   for layers of classes that are not Keras's, a Lambda above all
 * @see tfjs-core/src/io of github.com/tensorflow/tfjs
 */
export async function readTfjsLayers(
  source: WeightSource,
  options: TfjsOptions = {},
): Promise<WeightFile> {
  const { name: place } = source;
  const json = parse(source);
  if (json.has('format') && json.field('format').value() === 'graph-model') throw graphModel(place);
  const tensors = await readWeights(readManifest(json.field('weightsManifest'), place), source);
  const file = { place, tensors, convention: CONVENTION, options };
  const config = options.config === 'ignore' ? null : findConfig(json);
  const network = config === null ? undefined : describe(config, file);
  const { described } = network ?? {};
  const own = described && readModelMetadata(json, countClasses(described.graph));
  return {
    format: 'tfjs-layers',
    tensors,
    convention: { ...CONVENTION, ...(network?.flatten ? { flatten: network.flatten } : {}) },
    notes: [...(network?.notes ?? []), ...(own?.notes ?? [])],
    ...(described
      ? { network: { ...described, metadata: { ...own?.metadata, ...described.metadata } } }
      : {}),
  };
}

function parse({ name: place, bytes }: WeightSource): JsonReader {
  if (bytes.length > MAX_JSON_BYTES) {
    throw damagedFile(place, `it has ${bytes.length} bytes: ${MAX_JSON_BYTES} is the limit`);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damagedFile(place, 'it is not JSON', { cause });
  }
  checkJsonSize(value, place);
  return readJson(value, { code: 'INVALID_MODEL', what: place });
}

function graphModel(place: string): AlexNetError {
  return unsupportedFile(
    place,
    'it is a graph model of TensorFlow.js, a frozen program',
    'Convert the Keras model to a layers model: tensorflowjs_converter --input_format=keras model.h5 FOLDER',
  );
}

/** Reads the files of each group and cuts the arrays out of them. */
async function readWeights(
  groups: readonly WeightGroup[],
  source: WeightSource,
): Promise<ReadonlyMap<string, FileTensor>> {
  const tensors = new Map<string, FileTensor>();
  for (const { paths, weights } of groups) {
    const expected = weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const shards = await readShards(paths, source);
    const present = shards.reduce((sum, shard) => sum + shard.length, 0);
    if (present !== expected) {
      throw damagedFile(
        source.name,
        `its weights take ${expected} bytes, but ${paths.map(quoteName).slice(0, 4).join(', ')} have ${present}`,
      );
    }
    const cut = createCutter(shards);
    for (const weight of weights) {
      if (tensors.has(weight.name)) {
        throw damagedFile(source.name, `the weight ${quoteName(weight.name)} comes twice`);
      }
      const place = `${source.name}, weight ${quoteName(weight.name)}`;
      const pieces = cut(weight.byteLength);
      tensors.set(weight.name, createShardedTensor(weight, pieces, place));
    }
  }
  return tensors;
}

async function readShards(
  paths: readonly string[],
  { name: place, sibling }: WeightSource,
): Promise<readonly Uint8Array[]> {
  const shards: Uint8Array[] = [];
  for (const path of paths) {
    const bytes = await sibling(path, { refusesLinks: true });
    if (!bytes) {
      throw new AlexNetError('NOT_FOUND', {
        message: `${place}: the file ${quoteName(path)} with its weights is not beside it.`,
        hint: 'A layers model is model.json and its .bin files. Put them into one folder.',
        path: [place, path],
      });
    }
    shards.push(bytes);
  }
  return shards;
}

/** The description of the network as Keras writes it; null where there are weights alone. */
function findConfig(json: JsonReader): string | null {
  if (!json.has('modelTopology') || json.field('modelTopology').value() === null) return null;
  const topology = json.field('modelTopology');
  const config = topology.has('model_config') ? topology.field('model_config') : topology;
  return JSON.stringify(config.value());
}

/** The graph of the description. What no graph can be made of leaves the arrays alone, and a note. */
function describe(
  text: string,
  file: Parameters<typeof describeKerasNetwork>[1],
): Partial<ReturnType<typeof describeKerasNetwork>> & { readonly notes: readonly string[] } {
  const config = parseKerasConfig(text, file.place);
  try {
    return { ...describeKerasNetwork(config, file), notes: [] };
  } catch (error) {
    if (!isAlexNetError(error) || error.code !== 'UNSUPPORTED') throw error;
    return { notes: [`Its layers were not read as a network: ${error.message}`] };
  }
}
