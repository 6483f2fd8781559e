import type { Picture } from '../picture/picture.ts';
import { type Cutout, cutAll, cutResampled, type Resample, resample } from '../resize/resample.ts';
import { toGrey } from './channels.ts';
import type { Framing } from './framing.ts';
import type { Box, Size } from './geometry.ts';

/** What a window shows of a picture, and where in the window. */
export interface WindowPart extends Cutout {
  readonly left: number;
  readonly top: number;
}

/** `null` where the window holds no pixel. */
export function cutFramed(
  picture: Picture,
  framing: Framing,
  { depth, resampleWith = resample }: { readonly depth: 1 | 3; readonly resampleWith?: Resample },
): WindowPart | null {
  const { window, size } = framing;
  const visible = intersect(window, size);
  if (visible === null) return null;
  const seen = { ...framing, window: visible };
  const cutout =
    depth < picture.channels
      ? cutAll(toGrey(resampleWith(picture, seen)))
      : cutResampled(picture, seen, resampleWith);
  return { ...cutout, left: visible.left - window.left, top: visible.top - window.top };
}

/** All of a picture that is as large as the window. */
export function placeAll(picture: Picture): WindowPart {
  return { ...cutAll(picture), left: 0, top: 0 };
}

/** A copy of the part, with zeros around it where the window is larger. */
export function padToWindow(
  part: WindowPart | null,
  { window: { width, height } }: Framing,
  depth: 1 | 3,
): Picture {
  const channels = part?.picture.channels ?? depth;
  const pixels = new Uint8Array(width * height * channels);
  if (part === null) return { width, height, channels, pixels };
  const { area, picture } = part;
  const rowBytes = area.width * channels;
  for (let y = 0; y < area.height; y++) {
    const from = ((area.top + y) * picture.width + area.left) * channels;
    const to = ((part.top + y) * width + part.left) * channels;
    pixels.set(picture.pixels.subarray(from, from + rowBytes), to);
  }
  return { width, height, channels, pixels };
}

/** The part of the window that holds pixels; `null` if there is none. */
function intersect(window: Box, size: Size): Box | null {
  const left = Math.max(window.left, 0);
  const top = Math.max(window.top, 0);
  const width = Math.min(window.left + window.width, size.width) - left;
  const height = Math.min(window.top + window.height, size.height) - top;
  return width > 0 && height > 0 ? { left, top, width, height } : null;
}
