const ENTRY_BYTES = 12;

/**
 * The 16-bit number of a tag in the first directory of a TIFF file, or of EXIF data, which are built alike.
 *
 * @returns `null` where there is no such tag, or no directory
 * @see TIFF 6.0 §2
 */
export function readTiffTag(tiff: Uint8Array, tag: number): number | null {
  if (tiff.length < 8) return null;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const isLittle = order === 0x4949;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > tiff.length) return null;
  const count = view.getUint16(directory, isLittle);
  for (let entry = 0; entry < count; entry++) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    if (at + ENTRY_BYTES > tiff.length) return null;
    if (view.getUint16(at, isLittle) === tag) return view.getUint16(at + 8, isLittle);
  }
  return null;
}
