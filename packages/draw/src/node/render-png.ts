import { AlexNetError } from '@alexnet/core';
import { loadResvg } from './resvg.ts';

export interface PngOptions {
  /** Pixels of the PNG for one of the SVG; 2 unless given. */
  readonly scale?: number;
}

export interface Png {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Of a PNG: 256 MiB while it is drawn. */
const MAX_PIXELS = 2 ** 26;

/**
 * Draws one of our SVG documents as PNG, in the theme `light` or `dark` that it was written with: `auto` is light, for
 * a PNG has no reader that it could ask.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for a scale that makes more pixels than a PNG may have;
 *   `MISSING_DEPENDENCY`
 */
export async function renderPng(svg: string, { scale = 2 }: PngOptions = {}): Promise<Png> {
  const resvg = await loadResvg();
  // Without the style sheet of `auto`, whose custom properties resvg does not know, the attributes hold.
  const plain = svg.replace(/<style>.*?<\/style>/s, '');
  const picture = resvg.open(plain, scale);
  try {
    const [width, height] = [picture.width * scale, picture.height * scale].map(Math.round);
    checkSize(width ?? 0, height ?? 0, scale);
    const image = picture.render();
    try {
      return { bytes: image.asPng().slice(), width: width ?? 0, height: height ?? 0 };
    } finally {
      image.free();
    }
  } finally {
    picture.free();
  }
}

function checkSize(width: number, height: number, scale: number): void {
  if (Number.isFinite(scale) && scale > 0 && width * height <= MAX_PIXELS) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `At a scale of ${scale} the PNG would have ${width}×${height} pixels; from 1 to ${MAX_PIXELS} in all are possible.`,
    hint: 'Choose a smaller scale, or write SVG, which is sharp at any size.',
  });
}
