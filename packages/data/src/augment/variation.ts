import type { Preprocessing, Random } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';
import type { Framing } from '../preprocess/framing.ts';
import type { Box, Size } from '../preprocess/geometry.ts';
import type { Augmentation, ColourJitter } from './augmentation.ts';
import {
  adjustColours,
  COLOUR_ADJUSTMENT_KINDS,
  type ColourAdjustment,
} from './colour-adjustments.ts';
import { type ColourComponents, drawColourShift, requireComponents } from './colour-noise.ts';
import { drawRandomBox } from './random-box.ts';
import { frameRandomly } from './random-framing.ts';
import { rotatePicture } from './rotate.ts';

/** What an augmentation makes of one picture in one epoch: all that is random, drawn. */
export interface Variation {
  readonly framing: Framing;
  /** Degrees counter-clockwise. */
  readonly rotation: number;
  /** In this order. */
  readonly colours: readonly ColourAdjustment[];
  /** Added to each pixel: [red, green, blue], in units of white. */
  readonly colourShift: readonly number[] | null;
  /** The part of the input that is erased. */
  readonly erased: Box | null;
}

export interface VariationOptions {
  readonly preprocessing: Preprocessing;
  readonly augmentation: Augmentation;
  /** Needed for colour noise. */
  readonly colourComponents?: ColourComponents;
  /** Of this picture and epoch alone. */
  readonly random: Random;
}

/**
 * Draws a variation. Each part has numbers of its own: what one draws changes nothing of another.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` if a part cannot be had with this preprocessing
 */
export function drawVariation(picture: Size, options: VariationOptions): Variation {
  const { augmentation, random, preprocessing } = options;
  const { rotation, colourJitter, colourNoise, erasing } = augmentation;
  const framing = frameRandomly(picture, options);
  return {
    framing,
    rotation:
      rotation === null ? 0 : random.split('rotation').uniform(-rotation.degrees, rotation.degrees),
    colours: colourJitter === null ? [] : drawColours(colourJitter, random.split('colours')),
    colourShift:
      colourNoise === null
        ? null
        : drawColourShift(
            requireComponents(options.colourComponents, preprocessing.channels),
            colourNoise.deviation,
            random.split('colour noise'),
          ),
    erased: erasing === null ? null : drawErased(framing.window, erasing, random.split('erasing')),
  };
}

function drawColours(jitter: ColourJitter, random: Random): readonly ColourAdjustment[] {
  const order = random.shuffle(COLOUR_ADJUSTMENT_KINDS.map((_, index) => index));
  return order.flatMap((index) => {
    const kind = COLOUR_ADJUSTMENT_KINDS[index];
    if (kind === undefined || jitter[kind] === 0) return [];
    const most = jitter[kind];
    const value =
      kind === 'hue'
        ? random.uniform(-most, most)
        : random.uniform(Math.max(0, 1 - most), 1 + most);
    return [{ kind, value }];
  });
}

/** Smaller than the input in both directions, as torchvision's. */
function drawErased(
  { width, height }: Size,
  erasing: NonNullable<Augmentation['erasing']>,
  random: Random,
): Box | null {
  if (random.uniform() >= erasing.probability) return null;
  return drawRandomBox({ width, height }, erasing, {
    random,
    sidesOf: (area, aspect) => ({
      width: Math.sqrt(area / aspect),
      height: Math.sqrt(area * aspect),
    }),
    fits: (size) => size.width < width && size.height < height,
  });
}

/** What becomes of the framed picture before it is made an input; `null` if nothing does. */
export function retouchOf({
  rotation,
  colours,
}: Pick<Variation, 'rotation' | 'colours'>): ((picture: Picture) => Picture) | null {
  if (rotation === 0 && colours.length === 0) return null;
  return (picture) => adjustColours(rotatePicture(picture, rotation), colours);
}
