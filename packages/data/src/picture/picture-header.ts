import { AlexNetError } from '@alexnet/core';

/** Formats of pictures that are read. */
export const PICTURE_FORMATS = ['jpeg', 'png', 'webp'] as const;
export type PictureFormat = (typeof PICTURE_FORMATS)[number];

/** What the first bytes of an encoded picture say, before anything is decoded. */
export interface PictureHeader {
  readonly format: PictureFormat;
  /** As stored: before the EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly colours: 'grey' | 'rgb' | 'cmyk';
}

/**
 * Reads format, sides and colours of a JPEG, PNG or WebP from its header.
 *
 * By content, never by the name's ending. Nothing is decoded, so that a picture of gigapixels in a few
 * kilobytes costs nothing.
 *
 * @param name - what messages call the picture
 * @throws {@link AlexNetError} `INVALID_PICTURE` saying what the bytes are instead, where that can be
 *   told
 * @see ITU-T T.81 annex B · PNG third edition §11.2.1 · RFC 9649
 */
export function readPictureHeader(bytes: Uint8Array, name = 'the picture'): PictureHeader {
  const header = readJpeg(bytes, name) ?? readPng(bytes, name) ?? readWebp(bytes, name);
  if (header) return header;
  throw new AlexNetError('INVALID_PICTURE', {
    message: `${name} ${describeOther(bytes)}`,
    hint: 'Pictures are read from JPEG, PNG and WebP: convert it to one of them, or remove it.',
    path: [name],
  });
}

function readJpeg(bytes: Uint8Array, name: string): PictureHeader | null {
  if (!startsWith(bytes, [0xff, 0xd8, 0xff])) return null;
  const view = viewOf(bytes);
  let at = 2;
  while (at + 4 <= bytes.length) {
    // Between segments decoders skip what is no marker; 0xff may be repeated in front of one.
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff || marker === 0xff || marker === 0x00) {
      at += 1;
    } else if (isStandalone(marker)) {
      at += 2;
    } else if (isFrame(marker)) {
      if (at + 10 > bytes.length) break;
      const height = view.getUint16(at + 5);
      const width = view.getUint16(at + 7);
      return { format: 'jpeg', width, height, colours: coloursOf(bytes[at + 9] ?? 0, name) };
    } else if (marker === 0xda || marker === 0xd9) {
      break;
    } else {
      at += 2 + view.getUint16(at + 2);
    }
  }
  throw cutShort(name, 'JPEG');
}

/** Start of a frame: C0 … CF but for the tables DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Markers without a length: TEM, RST0 … RST7 and SOI. */
function isStandalone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

function coloursOf(components: number, name: string): PictureHeader['colours'] {
  if (components === 1) return 'grey';
  if (components === 3) return 'rgb';
  if (components === 4) return 'cmyk';
  throw new AlexNetError('INVALID_PICTURE', {
    message: `${name} is a JPEG of ${components} components; 1 (grey), 3 (RGB) and 4 (CMYK) are read.`,
    hint: 'Convert it to RGB, or remove it.',
    path: [name],
  });
}

function readPng(bytes: Uint8Array, name: string): PictureHeader | null {
  if (!startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return null;
  if (bytes.length < 26) throw cutShort(name, 'PNG');
  const view = viewOf(bytes);
  const colourType = bytes[25] ?? 0;
  // Bit 1 of the colour type is "colour used"; 0 and 4 are grey without and with alpha.
  const colours = (colourType & 2) === 0 ? 'grey' : 'rgb';
  return { format: 'png', width: view.getUint32(16), height: view.getUint32(20), colours };
}

function readWebp(bytes: Uint8Array, name: string): PictureHeader | null {
  if (!(startsWith(bytes, ascii('RIFF')) && startsWith(bytes, ascii('WEBP'), 8))) return null;
  if (bytes.length < 30) throw cutShort(name, 'WebP');
  const view = viewOf(bytes);
  const header = { format: 'webp', colours: 'rgb' } as const;
  const sides = (width: number, height: number) => ({ ...header, width, height });
  if (startsWith(bytes, ascii('VP8X'), 12)) {
    return sides((view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >>> 8) + 1);
  }
  if (startsWith(bytes, ascii('VP8L'), 12)) {
    const packed = view.getUint32(21, true);
    return sides((packed & 0x3fff) + 1, ((packed >>> 14) & 0x3fff) + 1);
  }
  return sides(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
}

function cutShort(name: string, format: string): AlexNetError {
  return new AlexNetError('INVALID_PICTURE', {
    message: `${name} is a ${format} cut short: its header is not complete.`,
    hint: 'Fetch it again, or remove it.',
    path: [name],
  });
}

/** What people take for pictures; refused by name, so that the message helps. */
const OTHER_FORMATS: readonly (readonly [name: string, magic: string, at: number])[] = [
  ['a GIF', 'GIF8', 0],
  ['a BMP', 'BM', 0],
  ['a TIFF', 'II*\0', 0],
  ['a TIFF', 'MM\0*', 0],
  ['an AVIF picture', 'ftypavif', 4],
  ['a HEIC picture', 'ftypheic', 4],
  ['a JPEG XL picture', '\xff\x0a', 0],
  ['a PDF', '%PDF', 0],
  ['a zip archive', 'PK\x03\x04', 0],
  ['a gzip file', '\x1f\x8b', 0],
];

function describeOther(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty: 0 bytes.';
  const other = OTHER_FORMATS.find(([, magic, at]) => startsWith(bytes, ascii(magic), at));
  if (other) return `is ${other[0]}, which is not read.`;
  const head = bytes.subarray(0, 512);
  if (head.some((byte) => byte < 9 || (byte > 13 && byte < 32))) return 'is not a picture.';
  const text = new TextDecoder().decode(head).trimStart().toLowerCase();
  if (/<svg|<!doctype svg/.test(text)) return 'is an SVG drawing, which is not read.';
  if (/^<(!doctype html|html)/.test(text)) return 'is a web page, not a picture.';
  return 'is a text file, not a picture.';
}

function startsWith(bytes: Uint8Array, magic: readonly number[], at = 0): boolean {
  return magic.every((byte, i) => bytes[at + i] === byte);
}

function ascii(text: string): readonly number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
