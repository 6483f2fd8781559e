import { AlexNetError, messageOf } from '@alexnet/core';

/** What a page shows: elements live in the page's own thread alone. */
export type PictureElement = HTMLImageElement | HTMLCanvasElement | HTMLVideoElement;
/** What a browser can draw. */
export type Drawable = ImageBitmap | OffscreenCanvas | VideoFrame | PictureElement;

export function isDrawable(value: unknown): value is Drawable {
  return (
    value instanceof ImageBitmap ||
    value instanceof OffscreenCanvas ||
    (globalThis.VideoFrame !== undefined && value instanceof VideoFrame) ||
    isElement(value)
  );
}

function isElement(value: unknown): value is PictureElement {
  // Workers have no elements, nor their classes.
  return (
    globalThis.HTMLElement !== undefined &&
    (value instanceof HTMLImageElement ||
      value instanceof HTMLCanvasElement ||
      value instanceof HTMLVideoElement)
  );
}

/**
 * A bitmap of what is shown now, without colour management or multiplication by alpha where the browser still has the
 * original. It is the callee's to close.
 *
 * @throws {@link AlexNetError} `INVALID_PICTURE` if there is nothing to see yet, or nothing that may be read
 */
export async function toBitmap(source: Drawable): Promise<ImageBitmap> {
  if (isElement(source)) await waitForPixels(source);
  try {
    return await createImageBitmap(source, {
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'none',
    });
  } catch (cause) {
    throw new AlexNetError('INVALID_PICTURE', {
      message: `The ${source.constructor.name} cannot be read: ${messageOf(cause)}.`,
      hint: 'Check that it is not empty or closed. What another origin sent needs crossorigin="anonymous", and Access-Control-Allow-Origin from its server.',
      path: ['picture'],
      cause,
    });
  }
}

/** An element may be there before what it shows. */
async function waitForPixels(element: PictureElement): Promise<void> {
  if (element instanceof HTMLImageElement) {
    await element.decode().catch((cause: unknown) => {
      const address = element.currentSrc || element.src;
      throw notLoaded(`The <img> of "${address.slice(0, 200)}" shows no picture`, cause);
    });
  } else if (element instanceof HTMLVideoElement) {
    if (element.readyState < element.HAVE_CURRENT_DATA) throw notLoaded('The <video> has no frame');
  }
}

function notLoaded(what: string, cause?: unknown): AlexNetError {
  return new AlexNetError('INVALID_PICTURE', {
    message: `${what}${cause === undefined ? ' yet' : `: ${messageOf(cause)}`}.`,
    hint: 'Wait for its "load" or "loadeddata" event, and check its address.',
    path: ['picture'],
    ...(cause === undefined ? {} : { cause }),
  });
}
