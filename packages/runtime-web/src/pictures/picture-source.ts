import { AlexNetError } from '@alexnet/core';
import type { Picture } from '@alexnet/data';
import { decodePicture, readBitmap } from '@alexnet/data/web';
import { type RawPicture, toPicture } from '@alexnet/runtime';
import { toAddress } from '../model-files/address.ts';
import { requestFile } from '../model-files/request.ts';
import { type Drawable, isDrawable, type PictureElement, toBitmap } from './drawable.ts';

/**
 * What counts as a picture in a browser: a `File` or `Blob`, the address or the bytes of a picture file, an
 * `ImageBitmap`, `ImageData`, `OffscreenCanvas` or `VideoFrame`, an `<img>`, `<canvas>` or `<video>` (the frame that
 * it shows), or raw pixels.
 */
export type PictureSource = string | URL | Blob | Uint8Array | ImageData | RawPicture | Drawable;

/** A source that can go to another thread. */
export type PortablePicture = Exclude<PictureSource, PictureElement | OffscreenCanvas | URL>;

/**
 * Turns any picture source into pixels. What is handed over stays the caller's: bitmaps and frames are not closed.
 *
 * @throws {@link AlexNetError} `INVALID_PICTURE` · `NOT_FOUND`, `IO` for an address · `INVALID_ARGUMENT` for what is
 *   none of these
 */
export async function readPicture(source: PictureSource): Promise<Picture> {
  if (typeof source === 'string' || source instanceof URL) return fetchPicture(source);
  if (source instanceof Blob) {
    return decodePicture(source, source instanceof File ? { name: source.name } : {});
  }
  if (source instanceof Uint8Array) return decodePicture(new Blob([Uint8Array.from(source)]));
  if (source instanceof ImageData) {
    const { width, height, data } = source;
    return toPicture({ width, height, channels: 4, pixels: Uint8Array.from(data) });
  }
  if (isDrawable(source)) return readBitmap(await toBitmap(source));
  if (typeof source === 'object' && source !== null && 'pixels' in source) return toPicture(source);
  throw noPicture(source);
}

/**
 * The same picture as something that can go to a worker: elements become bitmaps, relative addresses absolute ones.
 *
 * @throws as {@link readPicture}
 */
export async function toPortable(source: PictureSource): Promise<PortablePicture> {
  if (typeof source === 'string' || source instanceof URL) return toAddress(source, 'picture').href;
  return isDrawable(source) ? toBitmap(source) : source;
}

async function fetchPicture(source: string | URL): Promise<Picture> {
  const url = toAddress(source, 'picture');
  const response = await requestFile(url);
  return decodePicture(await response.blob(), { name: url.href });
}

function noPicture(source: never): AlexNetError {
  const value: unknown = source;
  const kind = typeof value === 'object' && value !== null ? value.constructor.name : String(value);
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `A picture cannot be made of ${kind}.`,
    hint: 'Give a File, Blob, address, bytes, ImageBitmap, ImageData, <img>, <canvas>, <video> or { width, height, channels, pixels }.',
    path: ['picture'],
  });
}
