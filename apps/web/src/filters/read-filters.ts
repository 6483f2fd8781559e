import { callWorker } from '../worker-call.ts';
import type { FirstConvolution } from './first-convolution.ts';

/**
 * {@link FirstConvolution} of a model file, read in a worker: large files take a while, and their reader is code
 * that only those load who ask for filters.
 *
 * @param bytes - are given away
 * @throws AlexNetError `INVALID_MODEL`, `UNSUPPORTED` if the file is not of an AlexNet-like network
 */
export function readFilters(bytes: ArrayBuffer, signal: AbortSignal): Promise<FirstConvolution> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return callWorker(worker, { message: new Uint8Array(bytes), transfer: [bytes], signal });
}
