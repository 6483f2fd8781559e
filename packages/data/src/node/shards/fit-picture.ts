import type { Interpolation } from '@alexnet/core';
import type { Picture } from '../../picture/picture.ts';
import { framePicture } from '../../preprocess/frame-picture.ts';
import { resizePicture } from '../../resize/resize.ts';
import type { ShardShape } from './shard-format.ts';

const INTERPOLATION: Interpolation = { filter: 'bilinear', antialias: true };

/** A picture as a shard holds it; grey stays grey. */
export function fitPicture(picture: Picture, { kind, size }: ShardShape): Picture {
  const toShortSide = { mode: 'short-side', size, ...INTERPOLATION } as const;
  switch (kind) {
    case 'short-side':
      return Math.min(picture.width, picture.height) <= size
        ? picture
        : resizePicture(picture, toShortSide);
    case 'square':
      return framePicture(picture, {
        resize: toShortSide,
        crop: { width: size, height: size },
      });
    case 'stretched':
      return resizePicture(picture, { mode: 'exact', width: size, height: size, ...INTERPOLATION });
    default:
      return kind satisfies never;
  }
}
