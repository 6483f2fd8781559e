import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AlexNetError, type ErrorMessage, fromErrorMessage } from '@alexnet/core';
import { findTensorFlow } from './find-tensorflow.ts';

/** Whether TensorFlow can compute on a card of this machine. */
export interface CudaProbe {
  /** Whether `tfjs-node-gpu` is there at all. */
  readonly isSetUp: boolean;
  /** Why it cannot, with the remedy; `null` where it can. */
  readonly obstacle: AlexNetError | null;
}

/** What the process says on stdout: `null`, or what is in the way. */
export type ProbeAnswer = ErrorMessage | null;

/**
 * Loads `tfjs-node-gpu` in a process of its own, which gives the card's memory back, and whose end is not ours if a
 * driver brings it down.
 */
export async function probeCuda(): Promise<CudaProbe> {
  const found = await findTensorFlow();
  if (!found.some((each) => each.package === '@tensorflow/tfjs-node-gpu')) {
    const obstacle = new AlexNetError('DEVICE_UNAVAILABLE', {
      message: 'TensorFlow is not set up for CUDA: there is no @tensorflow/tfjs-node-gpu.',
      hint: 'Set it up: alexnet setup tfjs --gpu. On the processor: --device cpu',
    });
    return { isSetUp: false, obstacle };
  }
  return { isSetUp: true, obstacle: await findObstacle() };
}

async function findObstacle(): Promise<AlexNetError | null> {
  const script = fileURLToPath(new URL('./probe-cuda-process.js', import.meta.url));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    const answer: ProbeAnswer = JSON.parse(stdout);
    return answer === null ? null : fromErrorMessage(answer);
  } catch (cause) {
    return brokenOff(cause);
  }
}

function brokenOff(cause: unknown): AlexNetError {
  return new AlexNetError('DEVICE_UNAVAILABLE', {
    message: '@tensorflow/tfjs-node-gpu broke when it was loaded.',
    hint: 'Check nvidia-smi, and set it up anew: alexnet setup tfjs --gpu. On the processor: --device cpu',
    cause,
  });
}
