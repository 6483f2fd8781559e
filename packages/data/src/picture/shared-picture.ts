import type { Picture } from './picture.ts';

/** A copy in memory of its own, of which threads need none. */
export function copyToShared(picture: Picture): Picture {
  const pixels = new Uint8Array(new SharedArrayBuffer(picture.pixels.length));
  pixels.set(picture.pixels);
  return { ...picture, pixels };
}
