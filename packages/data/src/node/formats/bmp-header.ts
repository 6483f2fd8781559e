import { AlexNetError } from '@alexnet/core';

/** What stands before the pixels of a BMP. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly bits: 1 | 4 | 8 | 16 | 24 | 32;
  readonly compression: 'none' | 'rle-8' | 'rle-4';
  /** Colours by their places, of 1, 4 and 8 bits. */
  readonly palette: readonly (readonly [red: number, green: number, blue: number])[] | null;
  /** Of red, green and blue in a pixel, of 16, 24 and 32 bits. */
  readonly masks: readonly [number, number, number];
  /** Where the pixels begin. */
  readonly offset: number;
}

const FILE_HEADER_BYTES = 14;
const CORE_HEADER_BYTES = 12;
const INFO_HEADER_BYTES = 40;
const COMPRESSIONS = ['none', 'rle-8', 'rle-4', 'masks'] as const;
const ALPHA_MASKS = 6;
const BITS = [1, 4, 8, 16, 24, 32] as const;

/** Whether the bytes begin as a BMP does, its header's size included: "BM" alone begins many texts. */
export function isBmp(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x42 || bytes[1] !== 0x4d || bytes.length < FILE_HEADER_BYTES + 4) return false;
  const headerBytes = viewOf(bytes).getUint32(FILE_HEADER_BYTES, true);
  return (
    headerBytes === CORE_HEADER_BYTES || (headerBytes >= INFO_HEADER_BYTES && headerBytes <= 124)
  );
}

/**
 * @throws {@link AlexNetError} `INVALID_PICTURE` for a header that is cut short or of a kind that is not read
 */
export function readBmpHeader(bytes: Uint8Array, name: string): BmpHeader {
  const view = viewOf(bytes);
  const headerBytes = view.getUint32(FILE_HEADER_BYTES, true);
  const isCore = headerBytes === CORE_HEADER_BYTES;
  if (bytes.length < FILE_HEADER_BYTES + headerBytes)
    throw invalid(name, 'is a BMP cut short: its header is not complete');
  const signedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = BITS.find((each) => each === view.getUint16(isCore ? 24 : 28, true));
  const method = isCore ? 0 : view.getUint32(30, true);
  const compression = method === ALPHA_MASKS ? 'masks' : COMPRESSIONS[method];
  if (bits === undefined || compression === undefined) {
    throw invalid(
      name,
      `is a BMP of ${view.getUint16(isCore ? 24 : 28, true)} bits, packed by method ${method}, which is not read`,
    );
  }
  const hasMasks = compression === 'masks' && bits > 8;
  const maskBytes =
    hasMasks && headerBytes === INFO_HEADER_BYTES ? (method === ALPHA_MASKS ? 16 : 12) : 0;
  const paletteStart = FILE_HEADER_BYTES + headerBytes + maskBytes;
  const offset = view.getUint32(10, true);
  return {
    width: isCore ? view.getUint16(18, true) : view.getInt32(18, true),
    height: Math.abs(signedHeight),
    isTopDown: signedHeight < 0,
    bits,
    compression: checkCompression(compression, bits, name),
    palette:
      bits > 8
        ? null
        : readPalette(bytes, {
            start: paletteStart,
            colourBytes: isCore ? 3 : 4,
            count: 1 << bits,
            end: offset,
          }),
    masks: hasMasks
      ? readMasks(view, name)
      : bits === 16
        ? [0x7c00, 0x3e0, 0x1f]
        : [0xff0000, 0xff00, 0xff],
    offset,
  };
}

function checkCompression(
  compression: (typeof COMPRESSIONS)[number],
  bits: number,
  name: string,
): BmpHeader['compression'] {
  if (compression === 'masks') {
    if (bits > 8 && bits !== 24) return 'none';
  } else if (compression === 'none' || bits === (compression === 'rle-8' ? 8 : 4))
    return compression;
  throw invalid(name, `is a BMP of ${bits} bits with "${compression}", which do not go together`);
}

function readMasks(view: DataView, name: string): readonly [number, number, number] {
  if (view.byteLength < 66) throw invalid(name, 'is a BMP cut short: its masks are not complete');
  return [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)];
}

function readPalette(
  bytes: Uint8Array,
  {
    start,
    colourBytes,
    count,
    end,
  }: {
    readonly start: number;
    readonly colourBytes: number;
    readonly count: number;
    readonly end: number;
  },
) {
  const room = Math.floor((Math.min(end, bytes.length) - start) / colourBytes);
  return Array.from({ length: Math.max(0, Math.min(count, room)) }, (_, index) => {
    const at = start + index * colourBytes;
    return [bytes[at + 2] ?? 0, bytes[at + 1] ?? 0, bytes[at] ?? 0] as const;
  });
}

function invalid(name: string, problem: string): AlexNetError {
  return new AlexNetError('INVALID_PICTURE', {
    message: `${name} ${problem}.`,
    hint: 'Convert it to PNG, or remove it.',
    path: [name],
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
