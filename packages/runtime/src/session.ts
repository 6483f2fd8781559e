/** Where a model runs. Which of them an environment has is up to its runtime package. */
export type Device = 'cpu' | 'cuda' | 'webgpu' | 'wasm';

/** An input or an output of a model; axes of open length carry a name. */
export interface ValueInfo {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

export interface SessionInfo {
  /** The device that really runs. */
  readonly device: Device;
  /** Why this device: asked for by name, or what `auto` found. */
  readonly deviceReason: string;
  /** Package that runs the model: `onnxruntime-node`. */
  readonly runtime: string;
  /** Version of that package. */
  readonly version: string;
  /** [N, C, H, W], float32. */
  readonly input: ValueInfo;
  /** The output that {@link Session.run} gives, [N, classes]. */
  readonly output: ValueInfo;
  /** All outputs of the model. */
  readonly outputs: readonly ValueInfo[];
}

/**
 * A model that is ready to run: the one contract that each environment implements.
 *
 * The caller runs one batch at a time and never uses a session that was disposed of.
 */
export interface Session {
  readonly info: SessionInfo;
  /**
   * Shape: input [batchSize, C, H, W] → output [batchSize, classes], both row-major
   *
   * @param input - belongs to the caller again, to be written over, once the promise is settled
   */
  run(input: Float32Array, batchSize: number): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * The output that holds the classes: `logits`, or `probabilities`, or the first one in models of others.
 */
export function chooseOutput<Value extends ValueInfo>(
  outputs: readonly Value[],
): Value | undefined {
  return (
    outputs.find(({ name }) => name === 'logits') ??
    outputs.find(({ name }) => name === 'probabilities') ??
    outputs[0]
  );
}
