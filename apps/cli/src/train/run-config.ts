import {
  AlexNetError,
  type JsonReader,
  type Network,
  PRESET_IDS,
  type Preprocessing,
  type PresetId,
  type PresetOptions,
  parseColours,
  parseMean,
  parseNetwork,
  readJson,
  type TrainingColours,
} from '@alexnet/core';
import { DATASET_KINDS } from '@alexnet/data/node';
import {
  ENGINE_NAMES,
  type LayerRecipes,
  parseLayerRecipe,
  parseTrainingConfig,
  type TrainingConfig,
} from '@alexnet/train';
import type { ValidationChoice } from '../data/open-data.ts';
import type { SourceOptions } from '../data/source-options.ts';
import { ENGINE_DEVICES, type EngineChoice } from './engine-choice.ts';
import { upgradeRunConfig } from './older-run-config.ts';

/** Of what is written now. Version 1 lacks settings that came later: see older-run-config.ts. */
export const RUN_CONFIG_VERSION = 2;

/** What `config.json` of a run folder holds: all that decides the result. */
export interface RunConfig {
  readonly version: typeof RUN_CONFIG_VERSION;
  readonly data: {
    /** Absolute path, or the path that the user gave. */
    readonly path: string;
    readonly validation: ValidationChoice;
    /** What the user said of the data set, where it does not say it itself. */
    readonly source: SourceOptions;
    /** Of the training pictures: a run goes on with the same ones only. */
    readonly fingerprint: string;
    readonly trainingPictures: number;
    readonly validationPictures: number;
    /** Of the training pictures, where they were measured for the mean; else `null`. */
    readonly colours: TrainingColours | null;
  };
  readonly network: {
    readonly preset: PresetId | null;
    readonly options: PresetOptions;
    /** File that the initial weights come from. */
    readonly from: string | null;
    /** The user's own network itself: its file is not needed again. */
    readonly own: Network | null;
    /** Layers that do not learn, as the user named them. */
    readonly freeze: readonly string[];
    /** Layers of that file that start with fresh weights, as the user named them. */
    readonly reinit: readonly string[];
    /** Layers with another learning rate or decay, and its factor, as the user gave them: `*.bias=2`. */
    readonly lrMult: readonly string[];
    readonly decayMult: readonly string[];
    /** What is subtracted from pictures in place of the network's own mean, as its preprocessing has it; else `null`. */
    readonly mean: Preprocessing['mean'] | null;
  };
  readonly labels: readonly string[];
  readonly training: TrainingConfig;
  /** Which checkpoints stay, beside the best and the last. */
  readonly checkpoints: {
    /** How many of the newest. */
    readonly keep: number;
    /** Every so many epochs one for good; `null` for none. */
    readonly keepEvery: number | null;
  };
  /** Variants of each picture whose features are kept on disk; `null` where the frozen layers are computed each time. */
  readonly featureVariants: number | null;
  /** What computed last; a run may go on with another. */
  readonly engine: EngineChoice;
  /** How onnxruntime computes convolutions on the processor, as measured when the run began; `null` for counted. */
  readonly convolutions: LayerRecipes | null;
  /** Threads of a run: sums are grouped by thread, so that another number gives other last bits. */
  readonly threads: number;
}

/** Steps of a pass over the training pictures. */
export function countStepsPerEpoch({ data, training }: RunConfig): number {
  return Math.ceil(data.trainingPictures / training.batchSize);
}

/**
 * Reads the configuration of a run, also of one that an earlier version started.
 *
 * @throws {@link AlexNetError} `INVALID_CHECKPOINT` naming the field, or the version if it is a later one
 */
export function parseRunConfig(value: unknown): RunConfig {
  const json = readRunJson(value);
  const data = json.field('data');
  const network = json.field('network');
  const preset = network.field('preset').stringOrNull();
  return {
    version: RUN_CONFIG_VERSION,
    data: {
      path: data.field('path').string(),
      validation:
        typeof data.field('validation').value() === 'number'
          ? data.field('validation').number()
          : data.field('validation').string(),
      source: readSource(data),
      fingerprint: data.field('fingerprint').string(),
      trainingPictures: data.field('trainingPictures').integer(1),
      validationPictures: data.field('validationPictures').integer(),
      colours: isAbsent(data, 'colours') ? null : parseColours(data.field('colours')),
    },
    network: {
      preset: preset === null ? null : network.field('preset').oneOf(PRESET_IDS),
      options: Object.fromEntries(
        network
          .field('options')
          .entries()
          .map(([name, option]) => [name, option.number()]),
      ),
      from: network.field('from').stringOrNull(),
      own: readOwnNetwork(network),
      freeze: readTexts(network.field('freeze')),
      reinit: readTexts(network.field('reinit')),
      lrMult: readTexts(network.field('lrMult')),
      decayMult: readTexts(network.field('decayMult')),
      mean: readMean(network),
    },
    labels: readTexts(json.field('labels')),
    training: parseTrainingConfig(json.field('training').value()),
    checkpoints: {
      keep: json.field('checkpoints').field('keep').integer(1),
      keepEvery: readCountOrNull(json.field('checkpoints').field('keepEvery')),
    },
    featureVariants: readCountOrNull(json.field('featureVariants')),
    engine: {
      name: json.field('engine').field('name').oneOf(ENGINE_NAMES),
      device: json.field('engine').field('device').oneOf(ENGINE_DEVICES),
    },
    convolutions: readConvolutions(json),
    threads: json.field('threads').integer(1),
  };
}

function readRunJson(value: unknown): JsonReader {
  const read = (found: unknown) =>
    readJson(found, {
      code: 'INVALID_CHECKPOINT',
      what: 'config.json',
      hint: 'Without it the run cannot go on. Take its weights along: alexnet train DATA --from RUN',
    });
  const json = read(value);
  const version = json.field('version').integer(1);
  if (version > RUN_CONFIG_VERSION) {
    throw new AlexNetError('INVALID_CHECKPOINT', {
      message: `config.json is of version ${version}; this alexnet reads versions 1 to ${RUN_CONFIG_VERSION}.`,
      hint: 'Go on with the alexnet that started the run, or with a newer one.',
      path: ['version'],
    });
  }
  return version === RUN_CONFIG_VERSION ? json : read(upgradeRunConfig(value));
}

/** The fields of a network file, as {@link Network} orders them. */
function readOwnNetwork(json: JsonReader): Network | null {
  if (!json.has('own') || json.field('own').value() === null) return null;
  const own = json.field('own');
  const preprocessing = own.field('preprocessing').value();
  const fields = own.field('graph').entries();
  return parseNetwork({
    ...Object.fromEntries(fields.map(([name, field]) => [name, field.value()])),
    preprocessing,
  });
}

/** Settings that came later are not there in older runs of this version. */
function isAbsent(json: JsonReader, name: string): boolean {
  return !json.has(name) || json.field(name).value() === null;
}

/** Of any number of channels: the network has it checked. */
function readMean(network: JsonReader): Preprocessing['mean'] | null {
  if (isAbsent(network, 'mean')) return null;
  const mean = network.field('mean');
  const value = mean.value();
  return parseMean(mean, Array.isArray(value) ? value.length : 0);
}

function readCountOrNull(json: JsonReader): number | null {
  return json.value() === null ? null : json.integer(1);
}

function readConvolutions(json: JsonReader): RunConfig['convolutions'] {
  // Absent in runs that were started before there was a choice.
  if (!json.has('convolutions')) return null;
  const field = json.field('convolutions');
  if (field.value() === null) return null;
  return Object.fromEntries(
    field.entries().map(([layer, recipe]) => [layer, parseLayerRecipe(recipe)]),
  );
}

function readSource(data: JsonReader): SourceOptions {
  // Absent where nothing was said.
  if (!data.has('source')) return {};
  const json = data.field('source');
  return {
    ...(json.has('kind') && { kind: json.field('kind').oneOf(DATASET_KINDS) }),
    ...(json.has('classPattern') && { classPattern: json.field('classPattern').string() }),
    ...(json.has('root') && { root: json.field('root').string() }),
    ...(json.has('columns') && { columns: json.field('columns').string() }),
    ...(json.has('shrinkOnLoad') && { shrinkOnLoad: json.field('shrinkOnLoad').integer(1) }),
    ...(json.has('maxBad') && { maxBad: json.field('maxBad').number() }),
  };
}

function readTexts(json: JsonReader): readonly string[] {
  return json.items().map((text) => text.string());
}

/**
 * Checks that a run goes on as it was started.
 *
 * @param wanted - what the user asks for now, by the name of the option
 * @param stored - what the run was started with, by the same names
 * @throws {@link AlexNetError} `CONFIG_MISMATCH` naming the option and both values
 */
export function checkSameSettings(
  wanted: Readonly<Record<string, unknown>>,
  stored: Readonly<Record<string, unknown>>,
): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (JSON.stringify(value) === JSON.stringify(stored[name])) continue;
    throw new AlexNetError('CONFIG_MISMATCH', {
      message: `The run was started ${stored[name] === undefined ? `without ${name}` : `with ${name} ${JSON.stringify(stored[name])}`}, but ${JSON.stringify(value)} is asked for now.`,
      hint: 'Leave the option out to go on as before, or start a new run with another --out; "--from RUN" takes the weights along.',
    });
  }
}
