/**
 * The part of onnxruntime-node that is used here, so that tests can put a module of their own in its
 * place. The real module is imported in `session.ts` alone.
 */
export interface OrtModule {
  readonly InferenceSession: {
    create(model: Uint8Array, options: OrtSessionOptions): Promise<OrtSession>;
  };
  readonly Tensor: new (
    type: 'float32',
    values: Float32Array,
    shape: readonly number[],
  ) => OrtTensor;
  readonly env: {
    logLevel?: 'verbose' | 'info' | 'warning' | 'error' | 'fatal';
    readonly versions: { readonly node?: string };
  };
  listSupportedBackends(): readonly { readonly name: string }[];
}

export interface OrtSessionOptions {
  readonly executionProviders: readonly string[];
  readonly logSeverityLevel: 0 | 1 | 2 | 3 | 4;
  readonly intraOpNumThreads?: number;
  /** Session options by their names in onnxruntime's C++ interface, a level for each dot. */
  readonly extra?: { readonly session: Readonly<Record<string, string>> };
}

export interface OrtSession {
  readonly inputMetadata: readonly OrtValueInfo[];
  readonly outputMetadata: readonly OrtValueInfo[];
  run(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

export interface OrtValueInfo {
  readonly name: string;
  readonly isTensor: boolean;
  /** Element type: `float32`. */
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}
