import { checkGraph, type Graph } from '@alexnet/core';
import { createOnnxBuilder, type ModelProto } from '@alexnet/export';
import { addUpdates, gradientName } from './add-results.ts';
import { checkInPlaceUpdate } from './check-in-place-update.ts';
import { selectTrainable, selectUsedParameters } from './select-parameters.ts';
import type { StateArray } from './training-step.ts';
import {
  NO_FACTORS,
  type ParameterFactors,
  resolveRule,
  scalarNames,
  type UpdateRule,
} from './update-rule.ts';

export interface UpdateOptions extends UpdateRule {
  /** As the step's that makes the gradients. */
  readonly trainable?: (parameter: string) => boolean;
  readonly factorsOf?: (parameter: string) => ParameterFactors;
}

/** The update alone, as one ONNX model: the second half of a step whose first half is `gradients`. */
export interface UpdateStep {
  /** Encode with `encodeModel`. Inputs: parameters, their gradients, the optimiser's arrays, scalars. */
  readonly model: ModelProto;
  /** float32 inputs [the parameter's shape], by parameter: `conv1.weight/gradient`. */
  readonly gradients: readonly { readonly parameter: string; readonly input: string }[];
  /** Names of float32 [1] inputs that take the values of `updateScalars`. */
  readonly scalars: readonly string[];
  readonly state: readonly StateArray[];
}

/**
 * Builds the model that applies gradients from elsewhere: summed over micro-batches, or over machines.
 *
 * @throws {@link AlexNetError} as `buildTrainingStep`
 */
export function buildUpdate(graph: Graph, options: UpdateOptions): UpdateStep {
  resolveRule(options);
  checkGraph(graph);
  const { trainable: isTrainable = () => true, factorsOf = () => NO_FACTORS } = options;
  const trainable = selectTrainable(graph, selectUsedParameters(graph), isTrainable);
  const builder = createOnnxBuilder(`${graph.name}-update`);
  for (const { name, shape } of trainable) {
    builder.input(name, 'float32', shape);
    builder.input(gradientName(name), 'float32', shape);
  }
  const scalars = scalarNames(options);
  for (const scalar of scalars) builder.input(scalar, 'float32', [1]);
  const gradients = new Map(
    trainable.map(({ name }) => [name, { value: gradientName(name), readers: [] }] as const),
  );
  const state = addUpdates(
    { builder, trainable, gradients },
    { rule: options, factorsOf, scaledBy: null, inStages: false },
  );
  const model = builder.build();
  checkInPlaceUpdate(model, state);
  return {
    model,
    gradients: trainable.map(({ name }) => ({ parameter: name, input: gradientName(name) })),
    scalars,
    state,
  };
}
