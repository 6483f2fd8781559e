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
  const reason = cause instanceof Error ? cause.message.replace(/\s+/g, ' ').trim() : String(cause);
  const state = isCutShort(bytes, format) ? 'truncated' : 'damaged';
  return new AlexNetError('INVALID_PICTURE', {
    message: `${name} is a ${state} ${format} picture (the decoder says: ${reason}).`,
    hint: 'Fetch it again, or remove it.',
    path: [name],
    cause,
  });
}
