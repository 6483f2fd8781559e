import { stat } from 'node:fs/promises';
import {
  AlexNetError,
  createNetwork,
  type Graph,
  isPresetId,
  PRESET_IDS,
  type Preprocessing,
  type PresetId,
  type PresetOptions,
  suggestName,
  type Weights,
} from '@alexnet/core';
import { readOnnxNetwork } from '@alexnet/export/node';
import { isRunFolder } from '@alexnet/train/node';
import { onMissing } from '../terminal/on-missing.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import { resolveWeightsArgument } from './catalogue-file.ts';
import { isOnnxFile, readModel } from './load-model.ts';
import { isNetworkFile, readNetwork, readNetworkGraph } from './own-network.ts';
import { isLayersModel, lookForWeightFile } from './weight-model.ts';

/** A network, and what else its source has. */
export interface FoundNetwork {
  /** Id of its preset; `null` for a network of someone's own. */
  readonly preset: string | null;
  readonly graph: Graph;
  /** `null` if the source does not say. */
  readonly preprocessing: Preprocessing | null;
  /** `null` for what is no model, a preset or a network file, and where they are not wanted. */
  readonly weights: Weights | null;
}

export interface FindOptions {
  /** Of a preset; files are what they are. */
  readonly preset?: PresetOptions;
  /** Whether weights are read too; of a large ONNX file its network alone is little. */
  readonly withWeights?: boolean;
}

/**
 * Reads what can be looked at: a preset by its id, a network file (.json), an ONNX file, a run folder, a checkpoint or
 * a weight file of another program. A file or a run with a preset's name comes first.
 *
 * @throws {@link AlexNetError} `NOT_FOUND` with the nearest preset, and what building or reading throws
 */
export async function findNetwork(
  argument: string,
  { preset: presetOptions = {}, withWeights = false }: FindOptions = {},
): Promise<FoundNetwork> {
  const preset = await findPresetId(argument);
  if (preset) return { ...createNetwork(preset, presetOptions), weights: null };
  if (isNetworkFile(argument) && !(await isLayersModel(resolvePath(argument)))) {
    return findOwnNetwork(argument);
  }
  if (!withWeights && (await isOnnxFile(argument))) {
    const { graph, metadata } = await readOnnxNetwork(await resolveWeightsArgument(argument));
    const { preset: id, preprocessing } = metadata;
    return { graph, weights: null, preset: id, preprocessing };
  }
  const { graph, weights, metadata } = (await readModel(argument)).model;
  return { graph, weights, preset: metadata.preset, preprocessing: metadata.preprocessing };
}

/**
 * The preset that an argument names; `null` if it is a file.
 *
 * @throws {@link AlexNetError} `NOT_FOUND` if it is neither
 */
export async function findPresetId(argument: string): Promise<PresetId | null> {
  const isPreset = isPresetId(argument);
  const path = isPreset ? resolvePath(argument) : await resolveWeightsArgument(argument);
  const found = await stat(path).catch(onMissing(null));
  if (isPreset) {
    const isModel = found && (found.isFile() || (await isRunFolder(path)));
    return isModel ? null : argument;
  }
  if (found || (await lookForWeightFile(path))) return null;
  throw new AlexNetError('NOT_FOUND', {
    message: `There is nothing at ${path}, and no preset is called "${argument}".${suggestName(argument, PRESET_IDS)}`,
    hint: `Presets: ${PRESET_IDS.join(', ')}. Files: an ONNX file, a run folder, a checkpoint (.safetensors), a network (.json).`,
  });
}

async function findOwnNetwork(argument: string): Promise<FoundNetwork> {
  const graph = await readNetworkGraph(argument);
  const [channels] = graph.input.shape;
  // One that no picture fits can be looked at all the same.
  const isPicture = graph.input.shape.length === 3 && (channels === 1 || channels === 3);
  const preprocessing = isPicture ? (await readNetwork(argument)).preprocessing : null;
  return { preset: null, graph, preprocessing, weights: null };
}
