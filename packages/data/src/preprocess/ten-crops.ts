import { AlexNetError, type Preprocessing } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';
import { resizePicture } from '../resize/resize.ts';
import { countChannels } from './channels.ts';
import { centreCrop, DEFAULT_INTERPOLATION, type Framing } from './framing.ts';
import type { Box, Size } from './geometry.ts';
import type { Preprocessor } from './preprocess.ts';

/** Crops of one picture that a test-time average is taken over. */
export const TEN_CROPS = 10 as const;

/**
 * The four corners and the middle of a resized picture, then the same of its mirror image, as
 * torchvision's `TenCrop`: upper left, upper right, lower left, lower right, middle.
 *
 * @param resized - sides of the resized picture
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` with both sizes, if the crop is larger
 * @see torchvision 0.29, `functional.five_crop`, `functional.ten_crop` · Krizhevsky et al. 2012, §4.1
 */
function frameTenCrops(resized: Size, crop: Preprocessing['crop']): readonly Framing[] {
  const { width, height } = crop ?? resized;
  if (width > resized.width || height > resized.height) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `Crops of ${width} × ${height} do not fit into a picture that is ${resized.width} × ${resized.height} after resizing.`,
      hint: 'Use one crop, which pads small pictures, or a preprocessing that resizes.',
      path: ['preprocessing.crop'],
    });
  }
  const right = resized.width - width;
  const bottom = resized.height - height;
  const windows: readonly Box[] = [
    { left: 0, top: 0, width, height },
    { left: right, top: 0, width, height },
    { left: 0, top: bottom, width, height },
    { left: right, top: bottom, width, height },
    centreCrop(resized, { width, height }),
  ];
  // Cutting at x from the left of a mirror image is cutting at x from the right, then mirroring.
  const mirrored = windows.map((window) => ({ ...window, left: right - window.left }));
  const toFraming = (window: Box, mirror: boolean): Framing => ({
    box: { left: 0, top: 0, ...resized },
    size: resized,
    window,
    interpolation: DEFAULT_INTERPOLATION,
    mirror,
  });
  return [
    ...windows.map((window) => toFraming(window, false)),
    ...mirrored.map((window) => toFraming(window, true)),
  ];
}

/**
 * Writes the inputs of a picture's ten crops.
 *
 * Shape: picture [H, W, C] bytes → out [10, C, H, W], in the order of {@link frameTenCrops}
 *
 * @param offset - index in `out` of the first value
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if `out` is too short, or the crops are too large
 */
export function writeTenCrops(
  picture: Picture,
  preprocessor: Preprocessor,
  { out, offset = 0 }: { readonly out: Float32Array; readonly offset?: number },
): void {
  const { resize, crop, channels } = preprocessor.preprocessing;
  const resized = resizePicture(picture, resize);
  const size = { width: resized.width, height: resized.height };
  for (const [index, framing] of frameTenCrops(size, crop).entries()) {
    const { width, height } = framing.window;
    preprocessor.write(resized, out, {
      offset: offset + index * countChannels(channels) * width * height,
      framing,
    });
  }
}
