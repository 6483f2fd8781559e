import { AlexNetError, isMeanImage, type Preprocessing } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';
import { inferResizedSize } from '../resize/resize.ts';
import { centreOnPicture } from './centre-on-picture.ts';
import { countChannels } from './channels.ts';
import { type Framing, frameCentre } from './framing.ts';
import type { Size } from './geometry.ts';
import { createLevelTable, LEVELS } from './level-table.ts';
import { type PixelKernels, PORTABLE_KERNELS } from './pixel-kernels.ts';
import { createMeanSubtraction } from './subtract-mean-image.ts';
import { cutFramed, padToWindow, placeAll } from './window-part.ts';

/** Turns pictures into network inputs; holds what can be worked out before the first picture. */
export interface Preprocessor {
  readonly preprocessing: Preprocessing;
  /** Of the input. */
  readonly channels: 1 | 3;
  /**
   * Writes the input [C, H, W] of one picture.
   *
   * @throws AlexNetError `SHAPE_MISMATCH` if `out` is too short
   */
  write(picture: Picture, out: Float32Array, place?: Place): void;
}

export interface Place {
  /** Index in `out` of the first value; 0 unless given. */
  readonly offset?: number;
  /** Which part of the picture; what the preprocessing says unless given. */
  readonly framing?: Framing;
  /** What else becomes of the framed picture, before it is mirrored; its size stays. */
  readonly retouch?: (picture: Picture) => Picture;
}

/**
 * Turns a picture into the network's input, as torchvision's `Resize`, `CenterCrop`, `ToTensor` and
 * `Normalize` do: resize and crop bit for bit, and the float32 arithmetic after it too.
 *
 * Shape: picture [H, W, C] bytes → out [C, H, W], channels in the order of the preprocessing
 *
 * @param offset - index in `out` of the first value
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if the preprocessing contradicts itself,
 *   `SHAPE_MISMATCH` if `out` is too short
 * @example
 * const picture = { width: 2, height: 1, channels: 1, pixels: Uint8Array.of(0, 255) } as const;
 * const input = new Float32Array(2);
 * preprocess(picture, { resize: { mode: 'none' }, crop: null, channels: 'grey', scale: 1 / 255, mean: [0.5], std: [0.5] }, input);
 * console.log(input); // Float32Array(2) [ -1, 1 ]
 */
export function preprocess(
  picture: Picture,
  preprocessing: Preprocessing,
  out: Float32Array,
  offset = 0,
): void {
  createPreprocessor(preprocessing).write(picture, out, { offset });
}

/**
 * The shape of the network's input.
 *
 * @param picture - sides of the picture; needed where neither `crop` nor `resize` fixes the size
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if it is needed and not given
 */
export function preprocessedShape(
  { resize, crop, channels }: Pick<Preprocessing, 'resize' | 'crop' | 'channels'>,
  picture?: Size,
): readonly [channels: number, height: number, width: number] {
  const fixed = crop ?? (resize.mode === 'exact' ? resize : undefined);
  const size = fixed ?? (picture && inferResizedSize(resize, picture));
  if (size === undefined) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `With "resize" of mode "${resize.mode}" and no "crop" the input's size depends on the picture.`,
      hint: 'Give the preprocessing a "crop", or a "resize" of mode "exact".',
    });
  }
  return [countChannels(channels), size.height, size.width];
}

/**
 * The same as {@link preprocess} for many pictures.
 *
 * @param kernels - its loops, where there are faster ones than those of every engine
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if `mean` or `std` has not one value for each channel
 */
export function createPreprocessor(
  preprocessing: Preprocessing,
  kernels: PixelKernels = PORTABLE_KERNELS,
): Preprocessor {
  const table = createLevelTable(preprocessing);
  const { channels, mean, std } = preprocessing;
  const depth = countChannels(channels);
  const subtractImage = isMeanImage(mean) ? createMeanSubtraction(mean, preprocessing) : null;
  return {
    preprocessing,
    channels: depth,
    write(
      picture,
      out,
      { offset = 0, framing = frameCentre(preprocessing, picture), retouch } = {},
    ) {
      const { window, mirror } = framing;
      const planeSize = window.width * window.height;
      checkRoom(out, offset, depth * planeSize);
      const planes = Array.from({ length: depth }, (_, c) =>
        out.subarray(offset + c * planeSize, offset + (c + 1) * planeSize),
      );
      let part = cutFramed(picture, framing, { depth, resampleWith: kernels.resample });
      if (retouch) part = placeAll(retouch(padToWindow(part, framing, depth)));
      if (part?.area.width !== window.width || part.area.height !== window.height) {
        for (const [c, plane] of planes.entries()) plane.fill(table[c * LEVELS] ?? 0);
      }
      if (part !== null) {
        kernels.writePlanes(part.picture, out, {
          table,
          area: part.area,
          offset,
          planeWidth: window.width,
          planeSize,
          left: part.left,
          top: part.top,
          mirror,
          isReversed: channels === 'BGR',
        });
      }
      if (mean === 'picture') centreOnPicture(planes, std);
      subtractImage?.(planes, framing);
    },
  };
}

function checkRoom(out: Float32Array, offset: number, needed: number): void {
  if (offset >= 0 && offset + needed <= out.length) return;
  throw new AlexNetError('SHAPE_MISMATCH', {
    message: `The input takes ${needed} values from index ${offset} on, but the array has ${out.length}.`,
    hint: 'Make room as preprocessedShape says.',
  });
}
