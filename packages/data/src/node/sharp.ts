import { AlexNetError } from '@alexnet/core';

/** The picture library; this is the only file that knows where it comes from. */
export type SharpModule = typeof import('sharp')['default'];
export type { Sharp } from 'sharp';

/**
 * Loads sharp when the first picture needs it.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` if it is not installed, or not for this platform
 */
export async function loadSharp(
  importSharp: () => Promise<{ readonly default: SharpModule }> = () => import('sharp'),
): Promise<SharpModule> {
  try {
    return (await importSharp()).default;
  } catch (cause) {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: 'Pictures are decoded by "sharp", which is not installed for this platform.',
      hint: 'npm install --include=optional sharp',
      cause,
    });
  }
}
