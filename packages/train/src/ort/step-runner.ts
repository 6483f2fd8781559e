import type {
  ConvolutionRecipe,
  LayerRecipes,
  MaskInput,
  ParameterFactors,
  StateArray,
  UpdateRule,
} from '@alexnet/autodiff';
import type { Graph, Parameter } from '@alexnet/core';
import type { ModelProto } from '@alexnet/export';
import type { StepOutput } from '../training-engine.ts';
import type { StatePlacement } from './create-stateful-session.ts';
import type { OrtModule } from './ort-module.ts';
import type { StateArrays, StateTensors } from './state-arrays.ts';
import type { CreateSession } from './stateful-session.ts';
import type { StepFeeds } from './step-feeds.ts';

/** What a step is made of. */
export interface StepPlan extends UpdateRule {
  readonly graph: Graph;
  /** Pictures of a step. */
  readonly batchSize: number;
  /** Parts of the batch that are computed one after another. */
  readonly microBatches: number;
  readonly blockedChannels: number | null;
  readonly convolutions?: ConvolutionRecipe | LayerRecipes;
  readonly poolIndices: boolean;
  readonly partSize?: number;
  readonly trainable: (parameter: string) => boolean;
  readonly factorsOf: (parameter: string) => ParameterFactors;
}

/** Takes steps and carries the state from one to the next. */
export interface StepRunner {
  /** The most steps of a run. */
  readonly maxSteps: number;
  /** @returns what each step gave */
  run(steps: readonly StepFeeds[]): Promise<readonly StepOutput[]>;
  /** Of the whole batch. */
  readonly masks: readonly MaskInput[];
  /** What is in the state: parameters that learn, the optimiser's arrays, running statistics. */
  readonly arrays: readonly StateArray[];
  /** The state where it lies, by the input that reads it. */
  readonly tensors: StateTensors;
  /** The state on the host; where it lies there anyway, its own arrays. */
  readState(): Promise<StateArrays>;
  /** The parameters that are not in the state. */
  readonly frozen: StateArrays;
  release(): Promise<void>;
}

export interface StepRunnerOptions {
  readonly ort: OrtModule;
  readonly plan: StepPlan;
  /** Gives the arrays of the state, which are the runner's own from here on. */
  readonly takeState: (arrays: readonly StateArray[]) => StateArrays;
  /** Gives parameters that no step changes. */
  readonly takeFrozen: (parameters: readonly Parameter[]) => StateArrays;
  readonly placement: StatePlacement;
  readonly createSession: CreateSession;
}

/** The parameters that no step changes. */
export function selectFrozen(graph: Graph, arrays: readonly StateArray[]): readonly Parameter[] {
  const changed = new Set(arrays.map(({ input }) => input));
  return graph.parameters.filter(({ name }) => !changed.has(name));
}

/** Those that a model reads: an unused parameter is no input of it. */
export function selectInputs({ graph }: ModelProto, tensors: StateTensors): StateTensors {
  const inputs = new Set(graph.input.map(({ name }) => name));
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => inputs.has(name)));
}
