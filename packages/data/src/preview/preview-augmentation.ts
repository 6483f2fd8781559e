import type { Preprocessing, Random } from '@alexnet/core';
import { type Augmentation, checkAugmentation } from '../augment/augmentation.ts';
import type { ColourComponents } from '../augment/colour-noise.ts';
import { drawVariation } from '../augment/variation.ts';
import { writeVariation } from '../augment/write-variation.ts';
import type { Picture } from '../picture/picture.ts';
import { createPreprocessor, preprocessedShape } from '../preprocess/preprocess.ts';

export interface PreviewOptions {
  /** Of the training: what it resizes and crops to. */
  readonly framing: Pick<Preprocessing, 'resize' | 'crop'>;
  readonly augmentation: Augmentation;
  readonly colourComponents?: ColourComponents;
  /** One for each draw, of this picture and epoch alone. */
  readonly randoms: readonly Random[];
}

/**
 * What a training is shown of a picture: as it is framed without augmentation, then as each draw varies it.
 * What is erased is black here.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` if the augmentation cannot be had
 */
export function previewAugmentation(picture: Picture, options: PreviewOptions): readonly Picture[] {
  const { framing, augmentation, colourComponents, randoms } = options;
  checkAugmentation(augmentation);
  const preprocessing: Preprocessing = {
    ...framing,
    channels: 'RGB',
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
  };
  const preprocessor = createPreprocessor(preprocessing);
  const variations = randoms.map((random) =>
    drawVariation(picture, {
      preprocessing,
      augmentation,
      random,
      ...(colourComponents && { colourComponents }),
    }),
  );
  const [, height, width] = preprocessedShape(preprocessing, picture);
  const draw = (write: (out: Float32Array) => void): Picture => {
    const out = new Float32Array(3 * height * width);
    write(out);
    return { width, height, channels: 3, pixels: interleave(out) };
  };
  return [
    draw((out) => preprocessor.write(picture, out)),
    ...variations.map((variation) =>
      draw((out) => writeVariation(picture, out, { preprocessor, variation })),
    ),
  ];
}

/** [3, H, W] in 0–255 as pixels: rounded, and cut off where colour noise leaves the range. */
function interleave(planes: Float32Array): Uint8Array {
  const plane = planes.length / 3;
  const pixels = new Uint8ClampedArray(planes.length);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = planes[c * plane + i] ?? 0;
  }
  return new Uint8Array(pixels.buffer);
}
