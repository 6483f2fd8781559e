import { AlexNetError, messageOf } from '@alexnet/core';

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
    throw describeFailure(cause);
  }
}

/** It is an optional peer, as pages decode without it; its own native code is an optional dependency of it. */
function describeFailure(cause: unknown): AlexNetError {
  const isAbsent =
    cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
  const message = 'In Node, pictures are decoded by "sharp", which';
  return new AlexNetError('MISSING_DEPENDENCY', {
    message: isAbsent
      ? `${message} is not installed.`
      : `${message} does not load on ${process.platform}-${process.arch}: ${firstLine(cause)}`,
    hint: isAbsent
      ? 'Install it: npm install sharp'
      : 'Install it for this platform: npm install --include=optional sharp',
    cause,
  });
}

function firstLine(cause: unknown): string {
  return messageOf(cause).trim().split('\n', 1)[0] ?? '';
}
