import type { OrtModelOptions, OrtSession, OrtTensors } from '@alexnet/runtime';

/**
 * The part of onnxruntime-web that is used here, so that tests can put a module of their own in its place. The real
 * module is imported in `start-onnxruntime.ts` alone.
 */
export interface OrtModule extends OrtTensors {
  readonly InferenceSession: {
    create(model: Uint8Array, options: OrtSessionOptions): Promise<OrtSession>;
  };
  readonly env: {
    logLevel?: 'verbose' | 'info' | 'warning' | 'error' | 'fatal';
    readonly wasm: {
      numThreads?: number;
      wasmBinary?: ArrayBufferLike | Uint8Array;
      wasmPaths?: string | { mjs?: URL | string; wasm?: URL | string };
    };
    readonly versions: { readonly web?: string };
  };
}

export interface OrtSessionOptions extends OrtModelOptions {
  readonly executionProviders: readonly WebDevice[];
  /** Files beside the model that hold its weights. */
  readonly externalData?: readonly ExternalData[];
}

export interface ExternalData {
  /** As the model names it. */
  readonly path: string;
  readonly data: Uint8Array;
}

/** Devices of onnxruntime-web, by its providers' names. */
export const WEB_DEVICES = ['wasm', 'webgpu'] as const;
export type WebDevice = (typeof WEB_DEVICES)[number];
