import { invariant, type Parameter } from '@alexnet/core';
import { DataType, type OnnxBuilder, type Value } from '@alexnet/export';
import type { ParameterGradient } from './lower-graph.ts';
import type { OptimizerConfig } from './optimizers/index.ts';
import type { Optimizer } from './optimizers/optimizer.ts';
import type { GradientOutput, StateArray } from './training-step.ts';

/** What the backward pass leaves for each parameter that learns. */
export interface LearnedParameters {
  readonly builder: OnnxBuilder;
  readonly trainable: readonly Parameter[];
  readonly gradients: ReadonlyMap<string, ParameterGradient>;
}

/** Makes the gradients outputs of the model. */
export function addGradientOutputs({
  builder,
  trainable,
  gradients,
}: LearnedParameters): readonly GradientOutput[] {
  return trainable.map(({ name, shape }) => {
    const { value } = gradientOf(gradients, name);
    const output = builder.op('Identity', [value], {}, { output: `${name}/gradient` });
    builder.output(output, 'float32', shape);
    return { parameter: name, output, shape };
  });
}

/** Adds the optimiser's update of every parameter, and makes its results outputs of the model. */
export function addUpdates(
  { builder, trainable, gradients }: LearnedParameters,
  optimizer: Optimizer<OptimizerConfig>,
  config: OptimizerConfig,
): readonly StateArray[] {
  return trainable.flatMap((parameter) => {
    const { name, shape } = parameter;
    const slots = optimizer.slots(config);
    const state = [null, ...slots].map((slot): StateArray => {
      const input = slot === null ? name : slotName(name, slot);
      return { parameter: name, slot, input, output: newName(input), shape };
    });
    for (const slot of slots) builder.input(slotName(name, slot), 'float32', shape);
    const { value, readers } = gradientOf(gradients, name);
    builder.scope(`${name}/update`, () => {
      optimizer.update(builder, config, {
        weight: name,
        gradient: waitFor(builder, value, shape, readers),
        slot: (slot) => slotName(name, slot),
        scalar: (scalar) => scalar,
        outputs: { weight: newName(name), slot: (slot) => newName(slotName(name, slot)) },
      });
    });
    for (const { output } of state) builder.output(output, 'float32', shape);
    return state;
  });
}

/**
 * `value`, but not before all of `others` are computed.
 *
 * The step may write a parameter's new value over the old one, which the gradient of the layer's input
 * reads too. The parameter's own gradient does not depend on that, and onnxruntime runs nodes in an order of
 * its own. So each of `others` puts a zero into the shape that `value` is reshaped to: no data is copied, and
 * a NaN has no way in.
 */
function waitFor(
  builder: OnnxBuilder,
  value: Value,
  shape: readonly number[],
  others: readonly Value[],
): Value {
  if (others.length === 0) return value;
  const zeros = others.map((other) => {
    const flat = builder.op('Reshape', [other, builder.ints(-1)]);
    const first = builder.op('Slice', [flat, builder.ints(0), builder.ints(1)]);
    const never = builder.op('Less', [first, builder.scalar(Number.NEGATIVE_INFINITY)]);
    return builder.op('Cast', [never], { to: { i: DataType.int64 } });
  });
  const sameShape = zeros.reduce(
    (sum, zero) => builder.op('Add', [sum, zero]),
    builder.ints(...shape),
  );
  return builder.op('Reshape', [value, sameShape]);
}

function gradientOf(
  gradients: ReadonlyMap<string, ParameterGradient>,
  parameter: string,
): ParameterGradient {
  const gradient = gradients.get(parameter);
  invariant(gradient, `${parameter} has no gradient`);
  return gradient;
}

function slotName(parameter: string, slot: string): string {
  return `${parameter}/${slot}`;
}

function newName(input: string): string {
  return `${input}/new`;
}
