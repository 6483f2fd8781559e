import { AlexNetError, type ErrorCode } from '../errors.ts';
import { formatShape } from '../tensor.ts';
import { type MeanImage, type Preprocessing, resizedSides, type Sides } from './preprocessing.ts';

const FLOAT_BYTES = 4;
type Framed = Pick<Preprocessing, 'resize' | 'crop' | 'channels'>;

/** Whether a mean is an image, and not a number for each channel or each picture's own. */
export function isMeanImage(mean: Preprocessing['mean']): mean is MeanImage {
  return typeof mean === 'object' && 'float32' in mean;
}

/** @param values - [C, height, width], in the tensor's channel order and after `scale` */
export function encodeMeanImage(values: Float32Array, { height, width }: Sides): MeanImage {
  const view = new DataView(new ArrayBuffer(values.length * FLOAT_BYTES));
  for (const [i, value] of values.entries()) view.setFloat32(i * FLOAT_BYTES, value, true);
  let text = '';
  for (const byte of new Uint8Array(view.buffer)) text += String.fromCharCode(byte);
  return { height, width, float32: btoa(text) };
}

export interface DecodeMeanOptions {
  /** Of errors; `INVALID_MODEL` unless given. */
  readonly code?: ErrorCode;
  /** What errors call the image. */
  readonly name?: string;
}

/**
 * The values [C, height, width] of a mean image.
 *
 * @throws {@link AlexNetError} with `code`, if it is of another size than the pictures that it is subtracted from, or
 *   not as many finite numbers
 */
export function decodeMeanImage(
  mean: MeanImage,
  framed: Framed,
  { code = 'INVALID_MODEL', name = 'The mean image' }: DecodeMeanOptions = {},
): Float32Array {
  const { height, width } = mean;
  const values = decodeFloats(mean.float32);
  const channels = framed.channels === 'grey' ? 1 : 3;
  const finite = values.filter(Number.isFinite).length;
  const sizes = listSizes(mean, framed);
  const isOfSize = sizes.some((size) => size.height === height && size.width === width);
  if (isOfSize && finite === values.length && finite === channels * height * width) return values;
  const wanted = sizes.map((size) => formatShape([channels, size.height, size.width])).join(' or ');
  throw new AlexNetError(code, {
    message: `${name} of ${height} × ${width} has ${finite} finite numbers, but pictures want ${wanted || 'a "crop" first'}.`,
    hint: 'Take one that was made of such pictures, or its average for each channel (--mean-average).',
    path: ['mean'],
  });
}

/** What a mean image may measure; nothing where the input is as large as the picture happens to be. */
function listSizes(
  mean: Sides,
  { resize, crop }: Pick<Preprocessing, 'resize' | 'crop'>,
): readonly Sides[] {
  const input = crop ?? (resize.mode === 'exact' ? resize : null);
  if (input === null) return [];
  const cutFrom = resizedSides(resize) ?? mean;
  const covers = cutFrom.height >= input.height && cutFrom.width >= input.width;
  return covers ? [input, cutFrom] : [input];
}

/** No numbers of what is no base64. */
function decodeFloats(base64: string): Float32Array {
  let text = '';
  try {
    text = atob(base64);
  } catch {}
  const view = new DataView(new ArrayBuffer(text.length));
  for (let i = 0; i < text.length; i++) view.setUint8(i, text.charCodeAt(i));
  const values = new Float32Array(text.length >> 2);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
}

/** The same mean for pictures with the channels in the other order, RGB or BGR. */
export function reverseMean({ mean, ...framed }: Preprocessing): Preprocessing['mean'] {
  if (mean === 'picture') return mean;
  if (!isMeanImage(mean)) return mean.toReversed();
  const values = decodeMeanImage(mean, framed);
  const planeSize = mean.height * mean.width;
  const reversed = new Float32Array(values.length);
  for (let from = 0; from < values.length; from += planeSize) {
    reversed.set(values.subarray(from, from + planeSize), values.length - planeSize - from);
  }
  return encodeMeanImage(reversed, mean);
}
