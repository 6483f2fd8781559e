import { type Preprocessing, type Random, roundHalfToEven } from '@alexnet/core';
import { DEFAULT_INTERPOLATION, type Framing, frameCentre } from '../preprocess/framing.ts';
import type { Box, Size } from '../preprocess/geometry.ts';
import { preprocessedShape } from '../preprocess/preprocess.ts';
import type { Augmentation } from './augmentation.ts';
import { type BoxRanges, drawRandomBox } from './random-box.ts';

/**
 * Draws the framing of one picture.
 *
 * @param options.random - of this picture and epoch alone
 * @throws AlexNetError `INVALID_ARGUMENT` if a random part is wanted and the input has no fixed size
 */
export function frameRandomly(
  picture: Size,
  options: {
    readonly preprocessing: Preprocessing;
    readonly augmentation: Augmentation;
    readonly random: Random;
  },
): Framing {
  const framing = framePart(picture, options);
  const { augmentation, random } = options;
  return { ...framing, mirror: augmentation.mirror && random.uniform() < 0.5 };
}

function framePart(
  picture: Size,
  { preprocessing, augmentation, random }: Parameters<typeof frameRandomly>[1],
): Framing {
  const { randomResizedCrop, randomCrop } = augmentation;
  if (randomResizedCrop !== null) {
    return frameBox(drawPart(picture, randomResizedCrop, random), preprocessing);
  }
  const framing = frameCentre(preprocessing, picture);
  return randomCrop === null ? framing : moveWindow(framing, randomCrop, random);
}

function frameBox(box: Box, preprocessing: Preprocessing): Framing {
  const [, height, width] = preprocessedShape(preprocessing);
  const { resize } = preprocessing;
  return {
    box,
    size: { width, height },
    window: { left: 0, top: 0, width, height },
    interpolation: resize.mode === 'none' ? DEFAULT_INTERPOLATION : resize,
    mirror: false,
  };
}

/** A side that is shorter than the crop stays in the middle, between what it is padded with. */
function moveWindow(framing: Framing, area: 'whole' | 'square', random: Random): Framing {
  const { size, window } = framing;
  const short = Math.min(size.width, size.height);
  const place = (length: number, wanted: number, centred: number) => {
    const side = area === 'square' ? Math.max(short, wanted) : length;
    if (side > length || length < wanted) return centred;
    return roundHalfToEven((length - side) / 2) + random.integer(side - wanted + 1);
  };
  const top = place(size.height, window.height, window.top);
  return {
    ...framing,
    window: { ...window, top, left: place(size.width, window.width, window.left) },
  };
}

/** @see torchvision 0.29, `RandomResizedCrop.get_params` */
function drawPart(picture: Size, ranges: BoxRanges, random: Random): Box {
  const { width, height } = picture;
  const box = drawRandomBox(picture, ranges, {
    random,
    sidesOf: (area, aspect) => ({
      width: Math.sqrt(area * aspect),
      height: Math.sqrt(area / aspect),
    }),
    fits: (size) => size.width <= width && size.height <= height,
  });
  if (box !== null) return box;
  const [narrowest, widest] = ranges.ratio;
  const size = fitAspect(picture, Math.min(Math.max(width / height, narrowest), widest));
  return {
    ...size,
    left: Math.floor((width - size.width) / 2),
    top: Math.floor((height - size.height) / 2),
  };
}

/** The largest part of this aspect. At least one pixel, where torchvision can get to none. */
function fitAspect({ width, height }: Size, aspect: number): Size {
  if (width / height < aspect) {
    return { width, height: Math.max(roundHalfToEven(width / aspect), 1) };
  }
  return { width: Math.max(roundHalfToEven(height * aspect), 1), height };
}
