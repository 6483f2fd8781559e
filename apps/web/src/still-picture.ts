import { AlexNetError } from '@alexnet/core';
import { contextOf, make } from './dom.ts';

/** A picture that stays. */
export interface StillPicture {
  /** What the model gets: the file as it is, so that it is decoded as in Node. */
  readonly source: Blob;
  /** The same for people. */
  readonly image: HTMLImageElement;
}

/**
 * Makes a picture of a file, decoded for showing beside the page's own thread.
 *
 * @throws {@link AlexNetError} `INVALID_PICTURE` if the browser cannot read it
 */
export async function openPicture(source: Blob, name: string): Promise<StillPicture> {
  const image = make('img', { src: URL.createObjectURL(source), alt: `The picture: ${name}` });
  try {
    await image.decode();
  } catch (cause) {
    URL.revokeObjectURL(image.src);
    throw new AlexNetError('INVALID_PICTURE', {
      message: `${name} is no picture that this browser can read.`,
      hint: 'Choose a JPEG, PNG or WebP picture; if it is one, it may be damaged.',
      path: [name],
      cause,
    });
  }
  return { source, image };
}

/** Lets go of what is no longer shown. */
export function closePicture({ image }: StillPicture): void {
  URL.revokeObjectURL(image.src);
}

/** Keeps what an element shows now, without loss: a frame of a video, a drawing. */
export async function keepFrame(
  element: HTMLVideoElement | HTMLImageElement,
  name: string,
): Promise<StillPicture> {
  const [width, height] =
    element instanceof HTMLVideoElement
      ? [element.videoWidth, element.videoHeight]
      : [element.naturalWidth, element.naturalHeight];
  const canvas = make('canvas', { width, height });
  contextOf(canvas).drawImage(element, 0, 0);
  const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (file) return openPicture(file, name);
  throw new AlexNetError('INVALID_PICTURE', {
    message: `There is nothing to see in ${name} yet.`,
    hint: 'Try again in a moment.',
  });
}
