import {
  AlexNetError,
  countClasses,
  isPresetId,
  type Model,
  type ModelMetadata,
  PRESET_IDS,
  type Preprocessing,
  recognizePreset,
  sizeOf,
} from '@alexnet/core';
import type { WeightFile } from '../weight-file.ts';
import { importByShapes } from './import-by-shapes.ts';
import { type Described, importDescribed } from './import-described.ts';
import type { ImportWeightsOptions } from './import-options.ts';
import type { ImportReport } from './import-report.ts';
import { setLrnAlpha } from './lrn-alpha.ts';
import { withMeanFile } from './mean-file.ts';
import { withPixelRange } from './pixel-ranges.ts';
import { describePreprocessing, withChannelOrder } from './preprocessing.ts';

export interface ImportedWeights {
  readonly model: Model;
  readonly report: ImportReport;
}

/**
 * Makes a model of a weight file: recognises the network, turns its arrays into core's names and layouts, and says
 * what it decided, what it assumed and what it left out.
 *
 * A file that describes its network itself (ONNX, Caffe, a checkpoint of ours) is read as it says; others by the names
 * and shapes of their arrays, which every preset is held against.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` for the weights of another network, naming the first layer that does not
 *   fit, the nearest preset, and a table of expected and found; `INVALID_ARGUMENT` for options that the file
 *   contradicts; `INVALID_MODEL` for a description that its arrays do not fit
 *
 * @example
 * const { model, report } = importWeights(await readWeights(source));
 * report.preset // 'torchvision'
 */
export function importWeights(
  file: WeightFile,
  options: ImportWeightsOptions = {},
): ImportedWeights {
  checkOptions(options);
  if (file.format === 'binaryproto') throw meanPicture(file, options);
  const described =
    file.network && options.preset === undefined
      ? importDescribed(file, file.network, options)
      : importByShapes(file, options);
  return finish(file, override(described, options), options);
}

function checkOptions({ preset, lrnAlpha, classes }: ImportWeightsOptions): void {
  if (preset !== undefined && !isPresetId(preset)) {
    throw new AlexNetError('UNKNOWN_PRESET', {
      message: `There is no preset "${preset}".`,
      hint: `Presets: ${PRESET_IDS.join(', ')}.`,
    });
  }
  if (lrnAlpha !== undefined && !(lrnAlpha >= 0 && Number.isFinite(lrnAlpha))) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The alpha of LRN is ${lrnAlpha}; it should be a number of at least 0.`,
      hint: "2e-5 for each element is Caffe's and PyTorch's 1e-4 with a window of 5.",
    });
  }
  if (classes !== undefined && !(Number.isSafeInteger(classes) && classes >= 2)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `A network cannot have ${classes} classes; 2 are the fewest.`,
      hint: 'Give the number of classes of your pictures.',
    });
  }
}

function meanPicture(
  { tensors }: WeightFile,
  { source = 'The file' }: ImportWeightsOptions,
): AlexNetError {
  const [mean] = tensors.values();
  return new AlexNetError('UNSUPPORTED', {
    message: `${source} is a mean picture of ${mean ? mean.shape.join('×') : 'Caffe'}, not a network's weights.`,
    hint: `Give the .caffemodel, and this file as its mean: --mean ${source}.`,
    path: [source],
  });
}

/** What the caller knows better than the file or its format. */
function override(described: Described, options: ImportWeightsOptions): Described {
  const { lrnAlpha, preprocessing, labels } = options;
  let { model } = described;
  const decisions = [...described.decisions];
  if (lrnAlpha !== undefined) {
    const graph = setLrnAlpha(model.graph, lrnAlpha);
    const preset = recognizePreset(graph)?.preset ?? null;
    model = { ...model, graph, metadata: { ...model.metadata, preset } };
    decisions.push(
      `Alpha of every LRN is ${lrnAlpha} for each element, as you said${preset === null ? ': that is no preset any more' : ''}.`,
    );
  }
  const prepared = preprocessing ?? prepare(model.metadata.preprocessing, options);
  const metadata: ModelMetadata = {
    ...model.metadata,
    preprocessing: prepared,
    ...(labels ? { labels } : {}),
  };
  return { ...described, decisions, model: { ...model, metadata } };
}

function prepare(
  usual: Preprocessing,
  { channelOrder, pixels, mean }: ImportWeightsOptions,
): Preprocessing {
  const ordered = channelOrder ? withChannelOrder(usual, channelOrder) : usual;
  const ranged = pixels ? withPixelRange(ordered, pixels) : ordered;
  return mean ? withMeanFile(ranged, mean.file, mean) : ranged;
}

function finish(
  file: WeightFile,
  { model, because, ...described }: Described,
  options: ImportWeightsOptions,
): ImportedWeights {
  const { graph, metadata } = model;
  const { labels, source, preprocessing } = options;
  const classes = countClasses(graph);
  if (labels && labels.length !== classes) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${source ?? 'The network'} has ${classes} classes, but ${labels.length} labels were given.`,
      hint: 'Give one label for each class, in the order of the outputs.',
    });
  }
  const isUnnamed = !labels && !file.network?.metadata.labels;
  const prepared = describePreparation(metadata.preprocessing, because, options);
  return {
    model,
    report: {
      format: file.format,
      preset: metadata.preset,
      classes,
      parameters: graph.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      ...described,
      conventions: [
        ...described.conventions,
        ...prepared,
        ...(isUnnamed
          ? ['the classes have no names in the file: they are numbered (--labels).']
          : []),
      ],
      notes: file.notes,
      knowsPreprocessing: described.knowsPreprocessing || preprocessing !== undefined,
    },
  };
}

function describePreparation(
  prepared: Preprocessing,
  because: string | null,
  { preprocessing, channelOrder, pixels, mean }: ImportWeightsOptions,
): readonly string[] {
  const isTold = channelOrder || pixels || mean;
  if (preprocessing || (because === null && !isTold)) return [];
  const usual = because ?? 'as the file says';
  const whose = isTold ? `${usual}, but for what you said` : usual;
  return [
    `pictures are prepared ${whose}: ${describePreprocessing(prepared)} (--channel-order, --pixels, --mean).`,
  ];
}
