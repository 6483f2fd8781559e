import type { Picture } from '../../picture/picture.ts';
import type { PictureLimits } from '../../picture/picture-limits.ts';
import { readPlainJpeg } from './plain-jpeg.ts';

/**
 * The picture's pixels, which the next call overwrites; `null` where the file is not a plain JPEG, or the decoder
 * complains.
 */
export type JpegDecoder = (
  bytes: Uint8Array,
  limits: Partial<PictureLimits>,
) => Promise<Picture | null>;

/**
 * Decodes JPEGs by libjpeg-turbo, compiled to WebAssembly: the pixels are sharp's, and a small picture, which sharp
 * spends more on the way to and from libvips than on decoding, takes two thirds of the time.
 */
export function createJpegDecoder(): JpegDecoder {
  let loading: ReturnType<typeof load> | undefined;
  return async (bytes, limits) => {
    const size = readPlainJpeg(bytes, limits);
    if (size === null) return null;
    loading ??= load();
    const decoder = await loading;
    try {
      decoder.getEncodedBuffer(bytes.length).set(bytes);
      decoder.decode();
    } catch {
      // What is wrong, or that it can be read all the same, sharp says. This one lost memory with its exception.
      loading = undefined;
      return null;
    }
    const info = decoder.getFrameInfo();
    const pixels = decoder.getDecodedBuffer();
    const isExpected =
      info.width === size.width && info.height === size.height && info.componentCount === 3;
    return isExpected ? { ...size, channels: 3, pixels } : null;
  };
}

async function load() {
  const { default: createModule } = await import(
    '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs'
  );
  const { JPEGDecoder } = await createModule();
  return new JPEGDecoder();
}
