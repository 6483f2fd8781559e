import { isAlexNetError } from '@alexnet/core';

/** An error in words for a person at the page. */
export interface PlainError {
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

const CAMERA_ERRORS: Readonly<Record<string, PlainError>> = {
  NotAllowedError: {
    message: 'The page may not use the camera.',
    hint: 'Allow it in the browser’s site settings (the symbol beside the address), then press “Use camera” again.',
  },
  NotFoundError: {
    message: 'No camera was found.',
    hint: 'Connect one, or choose a picture instead.',
  },
  NotReadableError: {
    message: 'The camera does not answer.',
    hint: 'Another program may be using it: close that one and try again.',
  },
};

/** Why the camera did not start. */
export function describeCameraError(error: unknown): PlainError {
  const name = error instanceof Error ? error.name : '';
  return CAMERA_ERRORS[name] ?? describeError(error);
}

/** The message and the hint of an error of ours; of others, what they say. */
export function describeError(error: unknown): PlainError {
  if (isAlexNetError(error)) {
    const { message, hint } = error;
    return hint === undefined ? { message } : { message, hint };
  }
  return { message: error instanceof Error ? error.message : String(error) };
}
