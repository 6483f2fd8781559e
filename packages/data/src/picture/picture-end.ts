import type { PictureFormat } from './picture-header.ts';

/** Of a PNG: its last chunk, from the type on. */
const PNG_END = [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];
const JPEG_END = [0xff, 0xd9];

/** Whether the end of a picture is missing: to say why it did not decode, not whether it will. */
export function isCutShort(bytes: Uint8Array, format: PictureFormat): boolean {
  switch (format) {
    case 'jpeg':
      return !hasNearEnd(bytes, JPEG_END);
    case 'png':
      return !hasNearEnd(bytes, PNG_END);
    case 'webp':
      return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) + 8 > bytes.length;
    default:
      return format satisfies never;
  }
}

/** Some programs write a little behind the end. */
const SLACK_BYTES = 64;

function hasNearEnd(bytes: Uint8Array, mark: readonly number[]): boolean {
  const first = Math.max(bytes.length - mark.length - SLACK_BYTES, 0);
  for (let at = bytes.length - mark.length; at >= first; at--) {
    if (mark.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}
