import type { ErrorMessage } from '@alexnet/core';
import type { OrtEngineOptions } from '../ort/index.ts';
import type {
  EngineInfo,
  EngineName,
  EngineOptions,
  EngineState,
  StepInput,
  StepOutput,
} from '../training-engine.ts';

/** What the thread of the trainer asks of the thread of the engine, one call at a time. */
export type EngineRequest =
  | { readonly call: 'step'; readonly input: StepInput }
  | { readonly call: 'loop'; readonly inputs: readonly StepInput[] }
  | { readonly call: 'forward'; readonly images: Float32Array }
  | { readonly call: 'readState' }
  | { readonly call: 'dispose' };

/** The answer to the oldest request that has none; the first one answers the start. */
export type EngineReply =
  | {
      readonly ok: true;
      readonly value:
        | EngineStarted
        | StepOutput
        | readonly StepOutput[]
        | Float32Array
        | EngineState
        | null;
    }
  | { readonly ok: false; readonly error: ErrorMessage };

/** Devices in Node. TensorFlow knows no WebGPU there. */
export type EngineDevice = Extract<EngineInfo['device'], 'cpu' | 'cuda' | 'webgpu'>;

/** The first message to the engine's thread. */
export interface EngineStart {
  readonly engine: EngineName;
  readonly options: EngineOptions;
  readonly device: EngineDevice;
  readonly threads: number | undefined;
  readonly form: OrtEngineOptions['form'] | undefined;
  readonly convolutions: OrtEngineOptions['convolutions'] | undefined;
}

/** What is known of an engine that has started. */
export interface EngineStarted {
  readonly info: EngineInfo;
  /** Of its loop; `null` without one. */
  readonly maxSteps: number | null;
}

/** Whether a buffer can change threads without a copy. */
export function isTransferable(buffer: ArrayBufferLike): buffer is ArrayBuffer {
  return buffer instanceof ArrayBuffer;
}
