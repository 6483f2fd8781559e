import { AlexNetError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Preprocessing } from '../model/preprocessing.ts';

/** What can be changed about a preset without it becoming another network. */
export interface PresetOptions {
  /** Width of the output. */
  readonly classes?: number;
  /** Height and width of the input, in pixels. */
  readonly inputSize?: number;
  /** Channels of the input: 1 or 3. */
  readonly channels?: number;
  /** Groups of conv2, conv4 and conv5: 2 as on the two GPUs of 2012, or 1. */
  readonly groups?: 1 | 2;
  /** Multiplies the width of every hidden layer. */
  readonly widthMultiplier?: number;
  /** Ratio of every dropout layer. */
  readonly dropout?: number;
}

/** The options of a build, all of them given. */
export interface ResolvedOptions {
  readonly classes: number;
  readonly inputSize: number;
  readonly channels: number;
  readonly groups: 1 | 2;
  readonly dropout: number;
  /** The width of a hidden layer: multiplied, rounded to a multiple of the groups, never below it. */
  width(published: number): number;
}

export interface Preset {
  /** One line: which AlexNet this is. */
  readonly title: string;
  /** Paper section, or upstream file. */
  readonly source: string;
  readonly defaults: Required<PresetOptions>;
  /** Options that make no sense here: why there is nothing to choose. */
  readonly fixed?: { readonly [Option in 'groups' | 'dropout']?: string };
  /** What others measured with weights of their own; nothing unless given. */
  readonly published?: readonly PublishedAccuracy[];
  build(options: ResolvedOptions): Graph;
  preprocessing(options: ResolvedOptions): Preprocessing;
}

export interface PublishedAccuracy {
  /** In per cent. */
  readonly top1: number;
  /** In per cent. */
  readonly top5: number;
  /** The pictures, and how many crops of each: "ILSVRC-2012 validation, 10 crops". */
  readonly on: string;
  readonly source: string;
}

/** What most presets start from. */
export const IMAGENET_DEFAULTS: Required<PresetOptions> = {
  classes: 1000,
  inputSize: 224,
  channels: 3,
  groups: 1,
  widthMultiplier: 1,
  dropout: 0.5,
};

/** What most accuracies are measured on. */
export const ONE_CROP = 'ILSVRC-2012 validation, one centre crop';
export const TEN_CROPS = 'ILSVRC-2012 validation, 10 crops';

/**
 * Fills in a preset's defaults and checks every number.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`
 */
export function resolveOptions(preset: Preset, options: PresetOptions): ResolvedOptions {
  const resolved = { ...preset.defaults, ...withoutUndefined(options) };
  const { classes, inputSize, channels, groups, widthMultiplier, dropout } = resolved;
  const check = (legal: boolean, name: keyof PresetOptions, expected: string) => {
    if (legal) return;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${name} is ${resolved[name]}; it should be ${expected}.`,
      hint: `The default of this preset is ${preset.defaults[name]}.`,
    });
  };
  const isCount = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  check(isCount(classes, 2), 'classes', 'a whole number of at least 2');
  check(isCount(inputSize, 1), 'inputSize', 'a whole number of pixels');
  check(channels === 1 || channels === 3, 'channels', '1 (grey) or 3 (colour)');
  check(groups === 1 || groups === 2, 'groups', '1 or 2');
  check(dropout >= 0 && dropout < 1, 'dropout', 'at least 0 and below 1');
  check(Number.isFinite(widthMultiplier) && widthMultiplier > 0, 'widthMultiplier', 'above 0');
  for (const name of ['groups', 'dropout'] as const) {
    const only = preset.defaults[name];
    check(
      !preset.fixed?.[name] || resolved[name] === only,
      name,
      `${only}: ${preset.fixed?.[name]}`,
    );
  }
  const width = (published: number) =>
    Math.max(1, Math.round((published * widthMultiplier) / groups)) * groups;
  return { classes, inputSize, channels, groups, dropout, width };
}

function withoutUndefined(options: PresetOptions): PresetOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
