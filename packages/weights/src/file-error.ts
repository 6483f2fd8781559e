import { AlexNetError } from '@alexnet/core';

const COPY_AGAIN = 'The file was cut short or altered: download or copy it again.';

interface FileErrorDetails {
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * A file that is damaged, or made to do harm.
 *
 * @param place - which part of which file: `weights.npz, entry "conv1.npy"`
 * @param reason - a clause that goes on after a colon, with both numbers where there are two
 */
export function damagedFile(
  place: string,
  reason: string,
  { hint = COPY_AGAIN, cause }: FileErrorDetails = {},
): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `${place}: ${reason}.`,
    hint,
    path: [place],
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A file that is in order, but of a kind that is not read. */
export function unsupportedFile(place: string, reason: string, hint: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', { message: `${place}: ${reason}.`, hint, path: [place] });
}
