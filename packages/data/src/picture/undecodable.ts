import { AlexNetError } from '@alexnet/core';
import { isCutShort } from './picture-end.ts';
import type { PictureFormat } from './picture-header.ts';

export interface EncodedPicture {
  readonly format: PictureFormat;
  readonly bytes: Uint8Array;
  /** What messages call it. */
  readonly name: string;
}

/** What to say of a picture whose decoder gave up. */
export function describeUndecodable(
  cause: unknown,
  { bytes, format, name }: EncodedPicture,
): AlexNetError {
  const state = isCutShort(bytes, format) ? 'truncated' : 'damaged';
  return new AlexNetError('INVALID_PICTURE', {
    message: `${name} is a ${state} ${format} picture (the decoder says: ${firstComplaint(cause)}).`,
    hint: 'Fetch it again, or remove it.',
    path: [name],
    cause,
  });
}

/** The first line: libvips goes on with what it has against other pictures that it decodes at the time. */
export function firstComplaint(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).trim().split('\n', 1).join();
}
