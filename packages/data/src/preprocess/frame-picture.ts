import type { Preprocessing } from '@alexnet/core';
import type { Picture } from '../picture/picture.ts';
import { frameCentre } from './framing.ts';
import { cutFramed, padToWindow } from './window-part.ts';

/**
 * The part of a picture that a preprocessing looks at, resized and cropped as it says: bytes, before they
 * become an input. What of the crop lies outside the picture is black.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` if a side is not a whole number above 0
 */
export function framePicture(
  picture: Picture,
  preprocessing: Pick<Preprocessing, 'resize' | 'crop'>,
): Picture {
  const framing = frameCentre(preprocessing, picture);
  const { channels } = picture;
  return padToWindow(cutFramed(picture, framing, { depth: channels }), framing, channels);
}
