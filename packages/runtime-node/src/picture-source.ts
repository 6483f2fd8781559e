import { AlexNetError } from '@alexnet/core';
import type { Picture } from '@alexnet/data';
import { decodePicture } from '@alexnet/data/node';
import { type RawPicture, toPicture } from '@alexnet/runtime';
import { toPath } from './model-file.ts';

/**
 * What counts as a picture in Node: a path or `file:` URL of a picture file, the bytes of one (a Buffer, a
 * Blob or a File will do), or raw pixels.
 */
export type PictureSource = string | URL | Uint8Array | Blob | RawPicture;

/**
 * Turns any picture source into pixels.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `INVALID_PICTURE` · `INVALID_ARGUMENT` for what is none of
 *   these
 */
export async function readPicture(source: PictureSource): Promise<Picture> {
  if (typeof source === 'string' || source instanceof URL) return decodePicture(toPath(source));
  if (source instanceof Uint8Array) return decodePicture(source);
  if (source instanceof Blob) return decodePicture(new Uint8Array(await source.arrayBuffer()));
  if (isRawPicture(source)) return toPicture(source);
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `A picture cannot be made of ${describeValue(source)}.`,
    hint: 'Give the path or file URL of a picture, its bytes as Uint8Array or Buffer, a Blob, or { width, height, channels, pixels }.',
    path: ['picture'],
  });
}

function isRawPicture(value: unknown): value is RawPicture {
  return typeof value === 'object' && value !== null && 'pixels' in value;
}

function describeValue(value: unknown): string {
  return value === null || typeof value !== 'object' ? String(value) : value.constructor.name;
}
