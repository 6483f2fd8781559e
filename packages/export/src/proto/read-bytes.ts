import type { Source } from './source.ts';

/** Of the numbers in weights, in bytes. */
const ALIGNMENT = 4;

/** From here on the length in front of a value takes two bytes, and with the tag makes room to move by three. */
const MIN_MOVED_BYTES = 128;

/** The value of a field of bytes, as a view. Apart from its source: pages read no such fields. */
export function readBytes({ reader, ownsBytes }: Source): Uint8Array {
  const view = reader.delimited();
  const past = view.byteOffset % ALIGNMENT;
  if (!ownsBytes || past === 0 || view.length < MIN_MOVED_BYTES) return view;
  const all = new Uint8Array(view.buffer);
  all.copyWithin(view.byteOffset - past, view.byteOffset, view.byteOffset + view.length);
  return all.subarray(view.byteOffset - past, view.byteOffset - past + view.length);
}
