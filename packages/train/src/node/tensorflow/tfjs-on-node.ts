import type { Graph, Weights } from '@alexnet/core';
import { createTfjsEngine, createTfjsNetwork } from '../../tfjs/index.ts';
import type { TfjsNetwork } from '../../tfjs/network.ts';
import type { EngineOptions, TrainingEngine } from '../../training-engine.ts';
import type { FoundTensorFlow } from './find-tensorflow.ts';
import { loadTensorFlow, openTensorFlow } from './load-tensorflow.ts';
import type { TensorFlowDevice, TensorFlowFacts, TensorFlowOptions } from './tensorflow-options.ts';

/** Loads a package and looks. @throws {@link AlexNetError} `MISSING_DEPENDENCY` if it cannot be loaded */
export function inspectTensorFlow(found: FoundTensorFlow): TensorFlowFacts {
  const { runsOn, tfjs, tensorflow } = openTensorFlow(found);
  return { runsOn, tfjs, tensorflow };
}

export interface TfjsNodeEngineOptions extends EngineOptions, TensorFlowOptions {
  /** Whether the arrays of `state` are the engine's; copied unless so. */
  readonly ownsState?: boolean;
}

/**
 * Trains on TensorFlow, in this thread: a step holds it for as long as it takes.
 *
 * @throws {@link AlexNetError} as `loadTensorFlow` and `createTfjsEngine`
 */
export async function startTfjsEngine(options: TfjsNodeEngineOptions): Promise<TrainingEngine> {
  return createTfjsEngine({ ...options, backend: await loadTensorFlow(options) });
}

export interface TfjsNetworkOptions extends TensorFlowOptions {
  readonly graph: Graph;
  readonly weights: Weights;
}

/** A network on TensorFlow, in inference. */
export interface TfjsNodeNetwork extends TfjsNetwork {
  /** The device that really computes. */
  readonly device: TensorFlowDevice;
  readonly version: string;
}

/** @throws {@link AlexNetError} as `loadTensorFlow` · `SHAPE_MISMATCH` if the weights are another network's */
export async function startTfjsNetwork(options: TfjsNetworkOptions): Promise<TfjsNodeNetwork> {
  const { tf, device, version } = await loadTensorFlow(options);
  return { device, version, ...createTfjsNetwork(tf, options) };
}
