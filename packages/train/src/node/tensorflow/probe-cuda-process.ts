import { toErrorMessage } from '@alexnet/core';
import { loadTensorFlow } from './load-tensorflow.ts';
import type { ProbeAnswer } from './probe-cuda.ts';

// A program: says on stdout whether TensorFlow computes on a card here. See probe-cuda.ts for the other side.
async function probe(): Promise<ProbeAnswer> {
  try {
    await loadTensorFlow({ device: 'cuda' });
    return null;
  } catch (error) {
    return toErrorMessage(error);
  }
}

process.stdout.write(JSON.stringify(await probe()));
