import { AlexNetError, type Tensor } from '@alexnet/core';

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
  /** The output with the classes, [N, classes]: what {@link Session.run} gives unless told otherwise. */
  readonly output: ValueInfo;
  /** All outputs of the model. */
  readonly outputs: readonly ValueInfo[];
  /** Threads that compute, where the runtime knows. */
  readonly threads?: number;
}

/**
 * A model that is ready to run: the one contract that each environment implements.
 *
 * The caller runs one batch at a time and never uses a session that was disposed of.
 */
export interface Session {
  readonly info: SessionInfo;
  /**
   * Shape: input [batchSize, C, H, W] → outputs by name, [batchSize, …] each, row-major
   *
   * @param input - belongs to the caller again, to be written over, once the promise is settled
   * @param outputs - names out of `info.outputs`; `info.output` alone unless given
   */
  run(
    input: Float32Array,
    batchSize: number,
    outputs?: readonly string[],
  ): Promise<ReadonlyMap<string, Tensor>>;
  dispose(): Promise<void>;
}

/**
 * One of the tensors of a run.
 *
 * @throws {@link AlexNetError} `INTERNAL` if the session did not give it
 */
export function outputOf(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = tensors.get(name);
  if (tensor) return tensor;
  throw new AlexNetError('INTERNAL', {
    message: `The session gave "${[...tensors.keys()].join('", "')}", but "${name}" was asked for.`,
    hint: 'Please report it with the model and the runtime.',
    path: [name],
  });
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
