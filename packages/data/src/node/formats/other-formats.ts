import { AlexNetError } from '@alexnet/core';
import { firstComplaint } from '../../picture/undecodable.ts';
import { isBmp } from './bmp-header.ts';

/** Formats that are read in Node besides those of every environment. */
const OTHER_FORMATS = ['gif', 'avif', 'tiff', 'bmp'] as const;
export type OtherFormat = (typeof OTHER_FORMATS)[number];

export function isOtherFormat(format: string): format is OtherFormat {
  return OTHER_FORMATS.some((other) => other === format);
}

/** First bytes, as text of Latin-1, and where they stand. */
const MAGIC: readonly (readonly [format: OtherFormat, magic: string, at: number])[] = [
  ['gif', 'GIF87a', 0],
  ['gif', 'GIF89a', 0],
  ['avif', 'ftypavif', 4],
  ['avif', 'ftypavis', 4],
  ['tiff', 'II*\0', 0],
  ['tiff', 'MM\0*', 0],
  ['tiff', 'II+\0', 0],
  ['tiff', 'MM\0+', 0],
];

/** Which of them a file is, by its content; `null` for none. */
export function detectOtherFormat(bytes: Uint8Array): OtherFormat | null {
  if (isBmp(bytes)) return 'bmp';
  const found = MAGIC.find(([, magic, at]) =>
    Array.from(magic).every((letter, place) => bytes[at + place] === letter.charCodeAt(0)),
  );
  return found?.[0] ?? null;
}

/** What to say of a file of these formats whose decoder gave up. */
export function describeUndecodableOther(
  cause: unknown,
  { format, name }: { readonly format: OtherFormat; readonly name: string },
): AlexNetError {
  return new AlexNetError('INVALID_PICTURE', {
    message: `${name} is a damaged ${format} picture (the decoder says: ${firstComplaint(cause)}).`,
    hint: 'Fetch it again, or remove it.',
    path: [name],
    cause,
  });
}
