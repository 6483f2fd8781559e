import type { OrtModelOptions, OrtSession, OrtTensors } from '@alexnet/runtime';

/**
 * The part of onnxruntime-node that is used here, so that tests can put a module of their own in its
 * place. The real module is imported in `session.ts` alone.
 */
export interface OrtModule extends OrtTensors {
  readonly InferenceSession: {
    create(model: Uint8Array, options: OrtSessionOptions): Promise<NodeOrtSession>;
  };
  readonly env: {
    logLevel?: 'verbose' | 'info' | 'warning' | 'error' | 'fatal';
    readonly versions: { readonly node?: string };
  };
  listSupportedBackends(): readonly { readonly name: string }[];
}

export interface OrtSessionOptions extends OrtModelOptions {
  readonly executionProviders: readonly string[];
  readonly intraOpNumThreads?: number;
  /** Files that the model keeps weights in, by the names that it uses. */
  readonly externalData?: readonly { readonly path: string; readonly data: Uint8Array }[];
  readonly enableProfiling?: true;
  /** Path that the profile's name begins with. */
  readonly profileFilePrefix?: string;
}

export interface NodeOrtSession extends OrtSession {
  /** Writes the profile. */
  endProfiling(): void;
}
