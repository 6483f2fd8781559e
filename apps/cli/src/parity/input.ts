import {
  AlexNetError,
  createRandom,
  formatShape,
  isSameShape,
  type Model,
  type Preprocessing,
  type Shape,
  sizeOf,
  type Tensor,
} from '@alexnet/core';
import { countChannels, createPreprocessor, type Picture, preprocessedShape } from '@alexnet/data';
import { openTestData } from '../data/open-data.ts';

export interface InputOptions {
  /** A folder of pictures or idx files; noise unless given. */
  readonly pictures?: string;
  readonly count: number;
  /** Of the noise. */
  readonly seed: number;
}

/**
 * The pictures that every runtime is given.
 *
 * @param options.multipleOf - the batch that the model's file fixes: as many pictures more as it takes
 * @throws what reading pictures throws
 */
export async function choosePictures(
  { graph, metadata }: Model,
  options: InputOptions & { readonly multipleOf: number },
): Promise<readonly Picture[]> {
  const count = Math.ceil(options.count / options.multipleOf) * options.multipleOf;
  const [, height = 1, width = 1] = graph.input.shape;
  const found =
    options.pictures === undefined
      ? makeNoise(
          [countChannels(metadata.preprocessing.channels), height, width],
          count,
          options.seed,
        )
      : await readPictures(options.pictures, metadata.labels, count);
  // A folder with fewer pictures than one batch gives some of them again.
  return Array.from({ length: count }, (_, index) => found[index % found.length] ?? []).flat();
}

/**
 * Pictures, preprocessed.
 *
 * @param shape - [C, H, W] of one
 * @returns [N, C, H, W]
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` for preprocessing that does not fit
 */
export function toInput(
  pictures: readonly Picture[],
  preprocessing: Preprocessing,
  shape: Shape,
): Tensor {
  const size = sizeOf(shape);
  const data = new Float32Array(pictures.length * size);
  const preprocessor = createPreprocessor(preprocessing);
  for (const [index, picture] of pictures.entries()) {
    checkShape(preprocessedShape(preprocessing, picture), shape);
    preprocessor.write(picture, data, { offset: index * size });
  }
  return { shape: [pictures.length, ...shape], data };
}

async function readPictures(
  argument: string,
  labels: readonly string[],
  count: number,
): Promise<readonly Picture[]> {
  const dataset = await openTestData(argument, labels);
  const wanted = Math.min(count, dataset.length);
  // Spread over the data set, which stands in the order of its classes.
  const indices = Array.from({ length: wanted }, (_, i) =>
    Math.floor((i * dataset.length) / wanted),
  );
  return Promise.all(indices.map((index) => dataset.readPicture(index)));
}

function makeNoise(
  [depth = 1, height = 1, width = 1]: Shape,
  count: number,
  seed: number,
): readonly Picture[] {
  return Array.from({ length: count }, (_, index) => {
    const random = createRandom(seed).split('noise', index);
    const channels = depth === 1 ? 1 : 3;
    const pixels = Uint8Array.from({ length: width * height * channels }, () =>
      random.integer(256),
    );
    return { width, height, channels, pixels };
  });
}

function checkShape(made: Shape, expected: Shape): void {
  if (isSameShape(made, expected)) return;
  throw new AlexNetError('SHAPE_MISMATCH', {
    message: `A picture becomes an input of ${formatShape(made)}, but the model takes ${formatShape(expected)}.`,
    hint: 'The model\'s preprocessing needs a "crop" of its size: export the model with one.',
    path: ['preprocessing.crop'],
  });
}
