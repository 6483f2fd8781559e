import { AlexNetError } from '@alexnet/core';

/** RGBA, rows from the top, colours not multiplied by alpha. */
export type Pixels = Uint8Array | Uint8ClampedArray;

/**
 * The bytes of a bitmap as they were decoded.
 *
 * A canvas keeps colours multiplied by alpha and loses bits where that is not 255 (measured: up to 25 levels, all of
 * them where it is 0). Such bitmaps are read through a WebGL texture, which takes them as they are.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` for a bitmap with transparent parts where there is no WebGL
 */
export function readPixels(bitmap: ImageBitmap): Pixels {
  const drawn = draw(bitmap);
  return isOpaque(drawn) ? drawn : readTexture(bitmap);
}

function draw(bitmap: ImageBitmap): Uint8ClampedArray {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' });
  if (!context) throw noCanvas('2d', bitmap);
  context.globalCompositeOperation = 'copy';
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height).data;
}

function isOpaque(rgba: Uint8ClampedArray): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false;
  return true;
}

/** Side of the pieces that a bitmap is read in: every WebGL 2 has textures of 2048. */
const PIECE = 2048;

function readTexture(bitmap: ImageBitmap): Uint8Array {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(1, 1);
  const gl = canvas.getContext('webgl2', { antialias: false, depth: false });
  if (!gl) throw noCanvas('webgl2', bitmap);
  const pixels = new Uint8Array(width * height * 4);
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  gl.pixelStorei(gl.PACK_ROW_LENGTH, width);
  for (let top = 0; top < height; top += PIECE) {
    for (let left = 0; left < width; left += PIECE) readPiece(gl, { bitmap, pixels, left, top });
  }
  // A context that was lost reads zeros without a word.
  if (gl.getError() !== gl.NO_ERROR) throw noCanvas('webgl2', bitmap);
  // Browsers keep about 16 contexts alive, and drop the oldest with a warning.
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return pixels;
}

interface Piece {
  readonly bitmap: ImageBitmap;
  /** Of the whole bitmap. */
  readonly pixels: Uint8Array;
  readonly left: number;
  readonly top: number;
}

function readPiece(gl: WebGL2RenderingContext, { bitmap, pixels, left, top }: Piece): void {
  const width = Math.min(PIECE, bitmap.width - left);
  const height = Math.min(PIECE, bitmap.height - top);
  gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, left);
  gl.pixelStorei(gl.UNPACK_SKIP_ROWS, top);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  const place = pixels.subarray((top * bitmap.width + left) * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, place);
}

function noCanvas(kind: string, { width, height }: ImageBitmap): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `This browser gives no "${kind}" canvas to read a picture of ${width} × ${height} pixels with${kind === '2d' ? '' : ', which pictures with transparent parts need'}.`,
    hint: 'Make the picture smaller, save it without transparency, or turn on hardware acceleration.',
    path: ['picture'],
  });
}
