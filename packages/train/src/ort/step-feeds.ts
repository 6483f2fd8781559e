import type { TrainingStep } from '@alexnet/autodiff';
import { invariant, type Shape, sizeOf, type Tensor } from '@alexnet/core';
import type * as Ort from 'onnxruntime-common';
import { pick, pickField } from '../pick.ts';
import type { StepOutput } from '../training-engine.ts';
import type { OrtModule } from './ort-module.ts';
import { toTensors } from './state-arrays.ts';

/** What one step is fed with, for the whole batch. */
export interface StepFeeds {
  readonly images: Float32Array;
  readonly targets: Float32Array;
  readonly normalizer: number;
  /** By Dropout node. */
  readonly masks: ReadonlyMap<string, Float32Array>;
  /** Of the update, by name. */
  readonly scalars: Readonly<Record<string, number>>;
}

/** All but the state, by the names of the step's inputs. */
export function toInputs(
  { image, target, normalizer, scalars, masks }: TrainingStep,
  feeds: StepFeeds,
): ReadonlyMap<string, Tensor> {
  return new Map<string, Tensor>([
    [image.name, { shape: image.shape, data: feeds.images }],
    [target.name, { shape: target.shape, data: feeds.targets }],
    ...masks.map(({ name, node, shape }): [string, Tensor] => [
      name,
      { shape, data: pick(feeds.masks, node) },
    ]),
    [normalizer, toScalar(feeds.normalizer)],
    ...scalars.map((name): [string, Tensor] => [name, toScalar(pickField(feeds.scalars, name))]),
  ]);
}

export function toScalars(
  ort: OrtModule,
  values: Readonly<Record<string, number>>,
): Record<string, Ort.Tensor> {
  const arrays = Object.entries(values).map(([name, value]) => [name, toScalar(value)] as const);
  return toTensors(ort, new Map(arrays));
}

/** A part of a batch, of as many pictures as the step takes. */
export function takePart(step: TrainingStep, feeds: StepFeeds, index: number): StepFeeds {
  const part = (values: Float32Array, shape: Shape) =>
    values.subarray(index * sizeOf(shape), (index + 1) * sizeOf(shape));
  return {
    ...feeds,
    images: part(feeds.images, step.image.shape),
    targets: part(feeds.targets, step.target.shape),
    masks: new Map(
      step.masks.map(({ node, shape }) => [node, part(pick(feeds.masks, node), shape)]),
    ),
  };
}

/** What a run of a step gave, by the names of its outputs. */
export function toOutput(
  { loss, logits }: TrainingStep,
  results: Readonly<Record<string, Float32Array>>,
): StepOutput {
  const [value] = pickField(results, loss);
  invariant(value !== undefined, 'the loss of a step is no number');
  return { loss: value, logits: pickField(results, logits) };
}

/** Steps one after another. */
export async function takeInTurn(
  steps: readonly StepFeeds[],
  take: (feeds: StepFeeds) => Promise<StepOutput>,
): Promise<readonly StepOutput[]> {
  const outputs: StepOutput[] = [];
  for (const feeds of steps) outputs.push(await take(feeds));
  return outputs;
}

function toScalar(value: number): Tensor {
  return { shape: [1], data: Float32Array.of(value) };
}
