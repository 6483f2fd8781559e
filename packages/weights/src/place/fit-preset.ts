import {
  isSameShape,
  type Network,
  type PresetId,
  type PresetOptions,
  presets,
  sizeOf,
} from '@alexnet/core';
import { alignLayers, type Placement, type SkipTest } from './align-layers.ts';
import { type ExpectedLayer, listExpectedLayers } from './expected-layers.ts';
import type { FileLayer } from './file-layers.ts';
import { type FileView, loadedShape, shapeAs } from './file-view.ts';
import { findInputSize } from './find-input-size.ts';
import type { Layout } from './layout.ts';
import type { NetworkBuilder } from './network-builder.ts';
import { readOptions } from './read-options.ts';
import { tolerate } from './tolerate.ts';
import { findWidthFactor, widen } from './widen.ts';

export interface FitOptions {
  /** Of a head that the caller leaves out; the file's own otherwise. */
  readonly classes?: number | undefined;
  /** What makes the feature maps as large as the file needs them, unless given. */
  readonly inputSize?: number | undefined;
  /** Whether the widths may be others than a multiple of the preset's. */
  readonly allowsOwnWidths: boolean;
  readonly isSkipped: SkipTest;
  readonly build: NetworkBuilder;
}

export interface Fit {
  readonly preset: PresetId;
  /** Its `preset` is null where the widths are no multiple of the preset's. */
  readonly network: Network;
  readonly layout: Layout;
  readonly placements: readonly Placement[];
  /** Layers of the file that the network has no place for and that the caller leaves out. */
  readonly dropped: readonly FileLayer[];
  /** In which the network is not the preset as published; classes and channels are anybody's. */
  readonly differences: ReadonlySet<Difference>;
}

export type Difference = 'groups' | 'width' | 'size' | 'own-widths';

/** Which of two fits is nearer: each difference weighs more than those before it together. */
const WEIGHTS: Readonly<Record<Difference, number>> = {
  groups: 1,
  width: 2,
  size: 4,
  'own-widths': 8,
};

/** 0 for a preset as published. */
export function distanceOf({ differences }: Fit): number {
  return [...differences].reduce((sum, difference) => sum + WEIGHTS[difference], 0);
}

/** @returns undefined if the file's layers are not this preset's */
export function fitPreset(preset: PresetId, view: FileView, options: FitOptions): Fit | undefined {
  const { build, isSkipped } = options;
  const published = build(preset, {});
  const alignment = published && alignLayers(published.layers, view.layers, isSkipped);
  if (!alignment) return undefined;
  const { placements, dropped } = alignment;
  const { layout } = view;
  if (!haveSameKernels(placements, layout)) return undefined;
  const read = readOptions(preset, placements, { layout, classes: options.classes });
  if (!read) return undefined;
  const { defaults } = presets[preset];
  const { allowsOwnWidths } = options;
  const context = { preset, read, placements, layout, build, allowsOwnWidths };
  const usual = fitAt(options.inputSize ?? defaults.inputSize, context);
  if (!usual?.fits && (options.inputSize !== undefined || !usual?.areConvolutionsRight)) {
    return undefined;
  }
  const size = usual.fits ? undefined : findInputSize(preset, read, context);
  const fitted = usual.fits ?? (size === undefined ? undefined : fitAt(size, context)?.fits);
  if (!fitted) return undefined;
  const differences = new Set(fitted.differences);
  if ((size ?? options.inputSize ?? defaults.inputSize) !== defaults.inputSize) {
    differences.add('size');
  }
  if ((read.groups ?? defaults.groups) !== defaults.groups) differences.add('groups');
  return { preset, ...fitted, layout, dropped, differences };
}

/** A quick look before networks are built. */
function haveSameKernels(placements: readonly Placement[], layout: Layout): boolean {
  return placements.every((placement) => {
    const { expected } = placement;
    const kernel = loadedShape(placement, layout)?.slice(2);
    return (
      expected.node.op !== 'Conv' ||
      !kernel ||
      isSameShape(kernel, expected.node.attributes.kernelShape)
    );
  });
}

interface FitContext {
  readonly preset: PresetId;
  /** Classes, channels and groups of the file. */
  readonly read: PresetOptions;
  readonly placements: readonly Placement[];
  readonly layout: Layout;
  readonly build: NetworkBuilder;
  readonly allowsOwnWidths: boolean;
}

interface Attempt {
  readonly fits?: Pick<Fit, 'network' | 'placements' | 'differences'>;
  /** Whether at least everything before the first dense layer fits: another size of the input may do the rest. */
  readonly areConvolutionsRight: boolean;
}

/** Tries the preset at its own width, at the file's multiple of it, and with the file's widths layer by layer. */
function fitAt(inputSize: number, context: FitContext): Attempt | undefined {
  const { preset, read, placements, layout, build, allowsOwnWidths } = context;
  const options = { ...read, inputSize };
  const published = build(preset, options);
  if (!published) return undefined;
  const asPublished = replaceExpected(placements, published.layers);
  if (fits(asPublished, layout)) {
    return {
      fits: { network: published.network, placements: asPublished, differences: new Set() },
      areConvolutionsRight: true,
    };
  }
  const { widthMultiplier } = presets[preset].defaults;
  const factor = findWidthFactor(asPublished, layout);
  const scaled = build(preset, { ...options, widthMultiplier: factor * widthMultiplier });
  const asScaled = scaled ? replaceExpected(placements, scaled.layers) : [];
  if (scaled && fits(asScaled, layout)) {
    return {
      fits: { network: scaled.network, placements: asScaled, differences: new Set(['width']) },
      areConvolutionsRight: true,
    };
  }
  if (!allowsOwnWidths) {
    const areConvolutionsRight = [asPublished, asScaled].some((each) =>
      fitConvolutions(each, layout),
    );
    return { areConvolutionsRight };
  }
  const graph = widen(published.network.graph, asPublished, layout);
  const layers = graph && tolerate(() => listExpectedLayers(graph));
  if (!graph || !layers) return undefined;
  const asWidened = replaceExpected(placements, layers);
  const areConvolutionsRight = fitConvolutions(asWidened, layout);
  if (!fits(asWidened, layout)) return { areConvolutionsRight };
  const network: Network = { ...published.network, preset: null, graph };
  return {
    fits: { network, placements: asWidened, differences: new Set(['own-widths']) },
    areConvolutionsRight,
  };
}

function fitConvolutions(placements: readonly Placement[], layout: Layout): boolean {
  const convolutions = placements.filter(({ expected }) => expected.kind === 'conv');
  return convolutions.length > 0 && fits(convolutions, layout);
}

/** The same places in the same preset with other options. */
function replaceExpected(
  placements: readonly Placement[],
  layers: readonly ExpectedLayer[],
): readonly Placement[] {
  return placements.map((placement, index) => {
    return { ...placement, expected: layers[index] ?? placement.expected };
  });
}

/** Whether the file's arrays have the shapes that the layers need. A bias may be left out. */
function fits(placements: readonly Placement[], layout: Layout): boolean {
  return placements.every(({ expected, found, isSkipped }) => {
    if (isSkipped) return true;
    const [weight] = expected.parameters.values();
    if (!found || !weight) return false;
    if (!isSameShape(shapeAs(expected.kind, found, layout), weight.shape)) return false;
    return [...expected.parameters].every(([role, { shape }], index) => {
      const array = found.arrays.get(role);
      return index === 0 || array === undefined || sizeOf(array.tensor.shape) === sizeOf(shape);
    });
  });
}
