import type { Preprocessing } from '@alexnet/core';
import { frameCentre, type Picture, resizePicture } from '@alexnet/data';
import { decodePicture } from '@alexnet/data/web';
import type { Patch } from './occlusion.ts';

/** A picture as a network is shown it. */
export interface View {
  /**
   * At the size that the preprocessing resizes it to: resized once more it stays what it is, so that its answer is
   * that of the picture.
   */
  readonly picture: Picture;
  /** What the network sees of it, in its pixels; may reach beyond it. */
  readonly window: Patch;
}

export interface ViewRequest {
  readonly source: Blob;
  readonly preprocessing: Preprocessing;
}

/** Decodes and resizes a picture, by the same rules as a classifier. @throws AlexNetError `INVALID_PICTURE` */
export async function makeView({ source, preprocessing }: ViewRequest): Promise<View> {
  const picture = await decodePicture(source);
  const { window } = frameCentre(preprocessing, picture);
  return { picture: resizePicture(picture, preprocessing.resize), window };
}
