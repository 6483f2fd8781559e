import { AlexNetError } from '../errors.ts';
import type { Graph } from '../graph.ts';
import type { Initializer } from '../initializer.ts';
import type { Preprocessing, Resize } from '../preprocessing.ts';

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
  build(options: ResolvedOptions): Graph;
  preprocessing(options: ResolvedOptions): Preprocessing;
}

/**
 * Fills in a preset's defaults and checks every number.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`
 */
export function resolveOptions(preset: Preset, options: PresetOptions): ResolvedOptions {
  const { classes, inputSize, channels, groups, widthMultiplier, dropout } = {
    ...preset.defaults,
    ...withoutUndefined(options),
  };
  const check = (legal: boolean, name: string, value: number, expected: string) => {
    if (legal) return;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${name} is ${value}; it should be ${expected}.`,
      hint: `The default of this preset is ${preset.defaults[name as keyof PresetOptions]}.`,
    });
  };
  const isCount = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;
  check(isCount(classes, 2), 'classes', classes, 'a whole number of at least 2');
  check(isCount(inputSize, 1), 'inputSize', inputSize, 'a whole number of pixels');
  check(channels === 1 || channels === 3, 'channels', channels, '1 (grey) or 3 (colour)');
  check(groups === 1 || groups === 2, 'groups', groups, '1 or 2');
  check(dropout >= 0 && dropout < 1, 'dropout', dropout, 'at least 0 and below 1');
  check(widthMultiplier > 0, 'widthMultiplier', widthMultiplier, 'above 0');
  const width = (published: number) =>
    Math.max(1, Math.round((published * widthMultiplier) / groups)) * groups;
  return { classes, inputSize, channels, groups, dropout, width };
}

function withoutUndefined(options: PresetOptions): PresetOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** N(0, std²) */
export function normal(std: number): Initializer {
  return { kind: 'normal', mean: 0, std };
}

export function constant(value: number): Initializer {
  return { kind: 'constant', value };
}

/** Resized so that the crop is `crop` / `full` of the short side: 224 of 256 as in the paper. */
export function shortSideResize(inputSize: number, crop: number, full: number): Resize {
  return {
    mode: 'short-side',
    size: Math.round((inputSize * full) / crop),
    filter: 'bilinear',
    antialias: true,
  };
}
