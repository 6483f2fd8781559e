import { type Resample, resample } from '../resize/resample.ts';
import { writePlanes } from './planes.ts';

/**
 * The loops that preprocessing spends its time in. Those of every engine define the result; others give the same
 * bytes sooner.
 */
export interface PixelKernels {
  /** The picture may be gone with the next call: its pixels are to be used or copied before. */
  readonly resample: Resample;
  readonly writePlanes: typeof writePlanes;
}

export const PORTABLE_KERNELS: PixelKernels = { resample, writePlanes };
