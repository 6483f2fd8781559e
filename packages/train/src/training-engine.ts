import { AVERAGE_SLOT, type ParameterFactors, type UpdateRule } from '@alexnet/autodiff';
import type { Graph, Tensor } from '@alexnet/core';

/**
 * What computes: holds a network's state, takes training steps, and runs the network forward.
 *
 * A step's result depends on the state and the input alone: dropout's masks come from the seed and the
 * number of the step. An engine with a given state therefore goes on as any other would.
 */
export interface TrainingEngine {
  readonly info: EngineInfo;
  /** Forward, loss, gradients, update. The buffers of the input may be taken over (detached). */
  step(input: StepInput): Promise<StepOutput>;
  /** Where several steps in one call are quicker than as many calls. */
  readonly loop?: StepLoop;
  /**
   * Scores [batchSize, classes] of preprocessed pictures [batchSize, C, H, W]; dropout is off, and batch
   * normalisation goes by its running statistics.
   */
  forward(images: Float32Array): Promise<Float32Array>;
  /** A copy of weights and optimiser slots, by the names of {@link slotName}. */
  readState(): Promise<EngineState>;
  dispose(): Promise<void>;
}

/** Several steps in one call, for an engine whose state would cross to a device and back in each. */
export interface StepLoop {
  /** Of a call. */
  readonly maxSteps: number;
  /** @returns what {@link TrainingEngine.step} would, called with one input after another */
  run(inputs: readonly StepInput[]): Promise<readonly StepOutput[]>;
}

export const ENGINE_NAMES = ['onnxruntime', 'tfjs'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export interface EngineInfo {
  readonly engine: EngineName;
  /** The device that really runs. */
  readonly device: 'cpu' | 'cuda' | 'webgpu' | 'wasm';
  readonly version: string;
  /** Threads of a run; 0 if the engine decides. */
  readonly threads: number;
}

export interface StepInput {
  /** [batchSize, C, H, W]; rows without a picture are zero. */
  readonly images: Float32Array;
  /** [batchSize, classes]: shares of each class; a row of zeros is no picture and has no effect. */
  readonly targets: Float32Array;
  /** What the summed loss is divided by: the number of pictures. */
  readonly normalizer: number;
  readonly learningRate: number;
  /** Of the whole training, from 1. */
  readonly step: number;
}

export interface StepOutput {
  /** Mean cross-entropy of the batch, before the update. */
  readonly loss: number;
  /** [batchSize, classes], before the update, dropout on. */
  readonly logits: Float32Array;
}

/** Weights by parameter name, running statistics among them, and optimiser slots by {@link slotName}. */
export type EngineState = ReadonlyMap<string, Tensor>;

/** All that a new engine has to know. */
export interface EngineOptions {
  readonly graph: Graph;
  /** Pictures of a step. */
  readonly batchSize: number;
  /**
   * Parts of a batch that are computed one after another, in a part of the memory; 1 unless given. Batch
   * normalisation then goes by the parts.
   */
  readonly microBatches?: number;
  readonly rule: UpdateRule;
  /** What is particular to a parameter, by name. */
  readonly factors?: Readonly<Record<string, ParameterFactors>>;
  /** Weights of every parameter; optimiser slots where a training goes on. */
  readonly state: EngineState;
  /** Names of the parameters that do not learn. */
  readonly frozen: readonly string[];
  /** Of dropout's masks. */
  readonly seed: number;
}

/** Makes an engine; the trainer is given one and does not know which. */
export type EngineFactory = (options: EngineOptions) => Promise<TrainingEngine>;

/** The name of an optimiser's array in a state: `conv1.weight/momentum`. */
export function slotName(parameter: string, slot: string): string {
  return `${parameter}/${slot}`;
}

/** The weights of a state, averaged where averages are kept. */
export function selectWeights<Value extends object = Tensor>(
  graph: Graph,
  state: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  return new Map(
    graph.parameters.flatMap(({ name }) => {
      const tensor = state.get(slotName(name, AVERAGE_SLOT)) ?? state.get(name);
      return tensor ? [[name, tensor] as const] : [];
    }),
  );
}
