import type { Picture } from '../picture/picture.ts';
import { toGrey } from '../preprocess/channels.ts';
import { turnHue } from './hue.ts';

/** One change of a picture's colours. A factor of 1 and a hue of 0 change nothing (hue: but for rounding). */
export interface ColourAdjustment {
  readonly kind: ColourAdjustmentKind;
  /** Of brightness, contrast, saturation: a factor from 0 on. Of hue: −0.5 … 0.5 of the colour circle. */
  readonly value: number;
}

export const COLOUR_ADJUSTMENT_KINDS = ['brightness', 'contrast', 'saturation', 'hue'] as const;
export type ColourAdjustmentKind = (typeof COLOUR_ADJUSTMENT_KINDS)[number];

const ADJUSTMENTS: Readonly<
  Record<ColourAdjustmentKind, (picture: Picture, value: number) => Picture>
> = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: turnHue,
};

/**
 * A picture with other colours, bit for bit as torchvision's `adjust_brightness`, `adjust_contrast`,
 * `adjust_saturation` and `adjust_hue` make them of PIL pictures, one after another.
 *
 *   blended = trunc(clamp(base + factor · (value − base))), in float32
 *
 * with a base of black, of the mean grey, or of the pixel's own grey.
 *
 * @see torchvision 0.29, `_functional_pil.py` · Pillow 13, `ImageEnhance`, src/libImaging/Blend.c
 */
export function adjustColours(picture: Picture, adjustments: readonly ColourAdjustment[]): Picture {
  return adjustments.reduce(
    (changed, { kind, value }) => ADJUSTMENTS[kind](changed, value),
    picture,
  );
}

function adjustBrightness(picture: Picture, factor: number): Picture {
  return mapBytes(picture, (value) => blend(0, value, factor));
}

function adjustContrast(picture: Picture, factor: number): Picture {
  const { pixels } = toGrey(picture);
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) sum += pixels[i] as number;
  const mean = Math.trunc(sum / pixels.length + 0.5);
  return mapBytes(picture, (value) => blend(mean, value, factor));
}

function adjustSaturation(picture: Picture, factor: number): Picture {
  if (picture.channels === 1 || factor === 1) return picture;
  const grey = toGrey(picture).pixels;
  const { pixels } = picture;
  const factor32 = Math.fround(factor);
  const out = new Uint8ClampedArray(pixels.length);
  for (let i = 0, p = 0; i < grey.length; i++) {
    const base = grey[i] as number;
    for (const end = p + 3; p < end; p++) {
      // The array clamps; truncated first, since it would round.
      out[p] = Math.fround(base + Math.fround(factor32 * ((pixels[p] as number) - base))) | 0;
    }
  }
  return { ...picture, pixels: new Uint8Array(out.buffer) };
}

function mapBytes(picture: Picture, map: (value: number) => number): Picture {
  const table = Uint8Array.from({ length: 256 }, (_, value) => map(value));
  const { pixels } = picture;
  const out = new Uint8Array(pixels.length);
  for (let i = 0; i < out.length; i++) out[i] = table[pixels[i] as number] as number;
  return { ...picture, pixels: out };
}

function blend(base: number, value: number, factor: number): number {
  const blended = Math.fround(base + Math.fround(Math.fround(factor) * (value - base)));
  return Math.trunc(Math.min(Math.max(blended, 0), 255));
}
