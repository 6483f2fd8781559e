/**
 * The part of onnxruntime that is the same in onnxruntime-node and onnxruntime-web, so that it can be used without
 * importing either.
 *
 * @see onnxruntime-common 1.30
 */
export interface OrtTensors {
  readonly Tensor: {
    new (type: 'float32', values: Float32Array, shape: readonly number[]): OrtTensor;
    new (type: 'float16', values: Uint16Array, shape: readonly number[]): OrtTensor;
    new (type: 'uint8', values: Uint8Array, shape: readonly number[]): OrtTensor;
  };
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
  /** Element type: `float32`, `uint8`. */
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}
