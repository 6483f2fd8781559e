import type { ErrorMessage } from '@alexnet/core';
import type { Measurement, ParitySubject } from './runtime.ts';

// What the command and its page in a browser say to each other.

/** What the page is asked; the model and its input it fetches, as `/model.onnx` and `/input.f32`. */
export interface PageRequest
  extends Pick<ParitySubject, 'name' | 'precision' | 'embedded' | 'batchSize' | 'taps'> {
  readonly device: 'wasm' | 'webgpu';
  readonly inputShape: readonly number[];
}

export interface PageMeasurement extends Pick<Measurement, 'milliseconds'> {
  readonly version: string;
  /** What the session says that it runs on. */
  readonly device: string;
  readonly threads: number;
  /** Work that was handed to the graphics card meanwhile. */
  readonly dispatches: number;
  /** By name. */
  readonly outputs: readonly (readonly [name: string, values: readonly number[]])[];
}

export type PageAnswer =
  | { readonly measurement: PageMeasurement }
  | { readonly error: ErrorMessage };
