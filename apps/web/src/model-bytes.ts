import { AlexNetError } from '@alexnet/core';
import type { ModelSource } from './model-source.ts';

/**
 * All bytes of a model's file. The runtime has read it before: an address comes out of the browser's cache.
 *
 * @throws {@link AlexNetError} `IO` if it cannot be read any more
 */
export async function readModelBytes(
  { name, from }: ModelSource,
  signal: AbortSignal,
): Promise<ArrayBuffer> {
  try {
    if (typeof from !== 'string') return await from.arrayBuffer();
    const response = await fetch(from, { signal, cache: 'force-cache' });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return await response.arrayBuffer();
  } catch (cause) {
    signal.throwIfAborted();
    throw new AlexNetError('IO', {
      message: `${name} cannot be read any more: ${cause instanceof Error ? cause.message : cause}.`,
      hint: 'Open the model again.',
      path: [name],
      cause,
    });
  }
}
