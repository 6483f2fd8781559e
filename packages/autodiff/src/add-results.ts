import { invariant, type Parameter, type Shape } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import { clipGradients } from './clip-gradients.ts';
import { createGradient, type Gradient } from './gradient.ts';
import type { ParameterGradient, WholeGradient } from './lower-graph.ts';
import { resolveOptimizer } from './optimizers/index.ts';
import type { GradientOutput, StateArray, StateStage } from './training-step.ts';
import {
  AVERAGE_SLOT,
  addAverage,
  hasAverage,
  type ParameterFactors,
  type UpdateRule,
  updateSlots,
} from './update-rule.ts';
import { waitFor } from './wait-for.ts';

/** The slot of a sum of gradients. */
const GRADIENT_SLOT = 'gradient';

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
    const output = builder.op('Identity', [value], {}, { output: gradientName(name) });
    builder.output(output, 'float32', shape);
    return { parameter: name, output, shape };
  });
}

/** Adds the gradients to sums that are handed from one run to the next. */
export function addGradientSums({
  builder,
  trainable,
  gradients,
}: LearnedParameters): readonly StateArray[] {
  return trainable.map(({ name, shape }): StateArray => {
    const input = builder.input(gradientName(name), 'float32', shape);
    const { value } = gradientOf(gradients, name);
    const output = builder.op('Add', [input, value], {}, { output: newName(input) });
    builder.output(output, 'float32', shape);
    return { parameter: name, slot: GRADIENT_SLOT, input, output, shape, offset: 0 };
  });
}

/** How the parameters of a step move. */
export interface UpdatePlan {
  readonly rule: UpdateRule;
  readonly factorsOf: (parameter: string) => ParameterFactors;
  /** The scalar that the gradients come multiplied by. */
  readonly scaledBy: string | null;
  /** Whether new values may come about in the memory of the old ones. */
  readonly inStages: boolean;
}

/** Adds the update of every parameter, and makes its results outputs of the model. */
export function addUpdates(learned: LearnedParameters, plan: UpdatePlan): readonly StateArray[] {
  const { builder } = learned;
  return clip(builder, listArrays(learned), plan.rule).flatMap((array) => {
    const { parameter, name, shape, offset, rowBlock } = array;
    const layout = rowBlock === undefined ? {} : { rowBlock };
    const slots = updateSlots(plan.rule);
    for (const slot of slots) builder.input(slotName(name, slot), 'float32', shape);
    const stages = new Map<string | null, StateStage[]>(slots.map((slot) => [slot, []]));
    builder.scope(`${name}/update`, () => addUpdate(builder, { ...array, stages }, plan));
    return [null, ...slots].map((slot): StateArray => {
      const input = slot === null ? name : slotName(name, slot);
      const passed = stages.get(slot) ?? [];
      const output = newName(input);
      for (const stage of [...passed, { output, shape }]) {
        builder.output(stage.output, 'float32', stage.shape);
      }
      return {
        parameter,
        slot,
        input,
        output,
        ...(passed.length === 0 ? {} : { stages: passed }),
        shape,
        offset,
        ...layout,
      };
    });
  });
}

/** An array that is updated: a parameter, or a part of one. */
interface UpdatedArray {
  readonly parameter: string;
  readonly name: string;
  readonly shape: Shape;
  readonly offset: number;
  readonly rowBlock?: number;
  /** Not there before the array may be overwritten. */
  readonly gradient: Gradient;
}

function listArrays({ builder, trainable, gradients }: LearnedParameters): readonly UpdatedArray[] {
  return trainable.flatMap(({ name: parameter, shape }): readonly UpdatedArray[] => {
    const gradient = gradients.get(parameter);
    invariant(gradient, `${parameter} has no gradient`);
    if ('parts' in gradient) {
      return gradient.parts.map(({ part, gradient }) => ({ ...part, parameter, gradient }));
    }
    const value = builder.scope(`${parameter}/update`, () =>
      waitFor(builder, gradient.value, shape, gradient.readers),
    );
    const whole = createGradient(builder, value);
    return [{ parameter, name: parameter, shape, offset: 0, gradient: whole }];
  });
}

function clip(
  builder: OnnxBuilder,
  arrays: readonly UpdatedArray[],
  { clip: limit }: UpdateRule,
): readonly UpdatedArray[] {
  if (!limit) return arrays;
  const gradients = arrays.map(({ gradient }) => gradient);
  const clipped = clipGradients(builder, gradients, limit);
  return arrays.map((array, i) => {
    const gradient = clipped[i];
    invariant(gradient, `the gradient of ${array.name} is not clipped`);
    return { ...array, gradient };
  });
}

function addUpdate(
  builder: OnnxBuilder,
  {
    parameter,
    name,
    shape,
    gradient,
    stages,
  }: UpdatedArray & { readonly stages: ReadonlyMap<string | null, StateStage[]> },
  plan: UpdatePlan,
): void {
  const { optimizer: config } = plan.rule;
  const optimizer = resolveOptimizer(config);
  const factors = plan.factorsOf(parameter);
  const times = (value: Value, factor: number) =>
    factor === 1 ? value : builder.op('Mul', [value, builder.scalar(factor)]);
  optimizer.update(builder, config, {
    shape,
    weight: name,
    gradient: scaleGradient(builder, gradient, plan, factors.learningRate),
    weightDecay: (config.weightDecay ?? 0) * factors.weightDecay,
    slot: (slot) => slotName(name, slot),
    addStageOf: (slot) =>
      plan.inStages ? (value, shape) => stages.get(slot)?.push({ output: value, shape }) : null,
    scalar: (scalar) => scalar,
    rate: (scalar, factor = 1) => times(scalar, factors.learningRate * factor),
    outputs: { weight: newName(name), slot: (slot) => newName(slotName(name, slot)) },
  });
  if (hasAverage(plan.rule)) {
    const average = slotName(name, AVERAGE_SLOT);
    addAverage(builder, { weight: newName(name), average, output: newName(average) });
  }
}

/** Multiplies a gradient by what the optimiser's rule expects in it and it does not bring along. */
function scaleGradient(
  builder: OnnxBuilder,
  gradient: Gradient,
  { rule: { optimizer }, scaledBy }: UpdatePlan,
  factor: number,
): Gradient {
  const wanted = resolveOptimizer(optimizer).gradientScale(optimizer);
  if (wanted === null) return gradient;
  if (wanted === scaledBy && factor === 1) return gradient;
  const own = builder.scalar(factor);
  const scale = wanted === scaledBy ? own : builder.op('Mul', [wanted, own]);
  return gradient.times(scale);
}

function gradientOf(
  gradients: ReadonlyMap<string, ParameterGradient>,
  parameter: string,
): WholeGradient {
  const gradient = gradients.get(parameter);
  invariant(gradient && 'value' in gradient, `${parameter} has no gradient of its own`);
  return gradient;
}

/** Name of a parameter's gradient where it enters or leaves a model. */
export function gradientName(parameter: string): string {
  return slotName(parameter, GRADIENT_SLOT);
}

function slotName(parameter: string, slot: string): string {
  return `${parameter}/${slot}`;
}

function newName(input: string): string {
  return `${input}/new`;
}
