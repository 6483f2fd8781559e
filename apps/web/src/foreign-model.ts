import { AlexNetError, numberedLabels, type Preprocessing, type Resize } from '@alexnet/core';
import { parseLabels } from '@alexnet/data';
import { readOnnxMetadata } from '@alexnet/export';
import {
  chooseOutput,
  countOutputClasses,
  inferPictureShape,
  type MetadataOverrides,
  type ValueInfo,
} from '@alexnet/runtime';

/** What the file of a model of others says of itself: enough to ask for the rest. */
export interface ForeignModel {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** `null` if the file leaves it open. */
  readonly classes: number | null;
  /** One a line, where the file has them. */
  readonly labels: string;
}

/** What a person answers about a model of others. */
export interface ForeignAnswers {
  /** Names of the classes, one a line; numbers where it is empty. */
  readonly labels: string;
  readonly values: ValuesId;
  readonly framing: FramingId;
}

interface Values {
  readonly title: string;
  readonly channels: 'RGB' | 'BGR';
  readonly scale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

const ONES = [1, 1, 1] as const;
const ZEROS = [0, 0, 0] as const;

/** What people do to the values of a picture. The sources' own numbers. */
export const VALUES = {
  torchvision: {
    title: 'PyTorch: RGB, ImageNet’s mean',
    channels: 'RGB',
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  caffe: {
    title: 'Caffe, Model Zoo: BGR less the mean',
    channels: 'BGR',
    scale: 1,
    mean: [104, 117, 123],
    std: ONES,
  },
  unit: { title: 'RGB, 0 to 1', channels: 'RGB', scale: 1 / 255, mean: ZEROS, std: ONES },
  signed: { title: 'RGB, −1 to 1', channels: 'RGB', scale: 1 / 127.5, mean: ONES, std: ONES },
  bytes: { title: 'RGB, 0 to 255', channels: 'RGB', scale: 1, mean: ZEROS, std: ONES },
} as const satisfies Record<string, Values>;

export type ValuesId = keyof typeof VALUES;

/** How a picture of any shape becomes the network's rectangle. */
export const FRAMINGS = {
  middle: 'Shrink it, take the middle',
  whole: 'Squeeze the whole picture',
} as const;

export type FramingId = keyof typeof FRAMINGS;

const NOTHING: ValueInfo = { name: '', shape: [] };
/** The picture is shrunk to 256 where the network takes 224, as in the paper. */
const MARGIN = 256 / 224;
/** Means of single channels make one grey mean by these shares (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * Reads what a form about a model has to know.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` if it is no classifier of pictures
 */
export function readForeignModel(bytes: Uint8Array, name: string): ForeignModel {
  const { inputs, outputs, metadata } = readOnnxMetadata(bytes);
  const [input = NOTHING] = inputs.map(toValueInfo);
  const output = chooseOutput(outputs.map(toValueInfo)) ?? NOTHING;
  const [channels, height, width] = inferPictureShape(input, name);
  return {
    channels,
    height,
    width,
    classes: countOutputClasses(output, name),
    labels: metadata.labels?.join('\n') ?? '',
  };
}

function toValueInfo({
  name,
  shape,
}: ReturnType<typeof readOnnxMetadata>['inputs'][number]): ValueInfo {
  return { name, shape: shape ?? [] };
}

/**
 * What `loadModel` wants to know, of a person's answers.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for another number of labels than the model has classes ·
 *   `INVALID_DATASET` naming a line that is no label
 */
export function completeForeignModel(
  model: ForeignModel,
  answers: ForeignAnswers,
): Required<MetadataOverrides> {
  return {
    labels: readLabels(answers.labels, model.classes),
    preprocessing: makePreprocessing(model, answers),
  };
}

function readLabels(text: string, classes: number | null): readonly string[] {
  const labels =
    text.trim() === '' ? numberLabels(classes) : parseLabels(text, 'The list of labels');
  if (classes === null || labels.length === classes) return labels;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The model has ${classes} classes, but ${labels.length} labels were given.`,
    hint: 'Write one label a line, in the order of the model’s output, or none at all.',
    path: ['labels'],
  });
}

function numberLabels(classes: number | null): readonly string[] {
  if (classes !== null) return numberedLabels(classes);
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: 'The model does not say how many classes it has.',
    hint: 'Write its labels, one a line.',
    path: ['labels'],
  });
}

function makePreprocessing(model: ForeignModel, answers: ForeignAnswers): Preprocessing {
  const { channels, scale, mean, std } = VALUES[answers.values];
  const { height, width } = model;
  const isGrey = model.channels === 1;
  return {
    resize: makeResize(model, answers.framing),
    crop: { height, width },
    channels: isGrey ? 'grey' : channels,
    scale,
    mean: isGrey ? [toGrey(mean, channels)] : mean,
    std: isGrey ? [toGrey(std, channels)] : std,
  };
}

function makeResize({ height, width }: ForeignModel, framing: FramingId): Resize {
  const filter = { filter: 'bilinear', antialias: true } as const;
  if (framing === 'whole') return { mode: 'exact', height, width, ...filter };
  return { mode: 'short-side', size: Math.round(Math.max(height, width) * MARGIN), ...filter };
}

function toGrey(
  [first, green, last]: readonly [number, number, number],
  channels: 'RGB' | 'BGR',
): number {
  const [red, blue] = channels === 'RGB' ? [first, last] : [last, first];
  return red * LUMA[0] + green * LUMA[1] + blue * LUMA[2];
}
