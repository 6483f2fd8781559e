import type { TrainingStep } from '@alexnet/autodiff';
import { type Graph, sizeOf } from '@alexnet/core';
import type { ArrayWithShape, StepFeeds } from '../ops/run-step.ts';
import { hashedMask, hashedValues } from './hashed-values.ts';

/** As `hashed_parameters` of make_gradients.py. */
export function hashedParameters(graph: Graph): ReadonlyMap<string, ArrayWithShape> {
  const layers = [...new Set(graph.parameters.map(({ name }) => layerOf(name)))];
  return new Map(
    graph.parameters.map(({ name, shape }) => {
      const seed = layers.indexOf(layerOf(name)) + 1;
      const bound = Math.sqrt(6 / sizeOf(shape.slice(1))) * (name === 'fc8.weight' ? 0.01 : 1);
      const data = name.endsWith('.bias')
        ? hashedValues(200 + seed, sizeOf(shape), 0.125)
        : hashedValues(100 + seed, sizeOf(shape), bound);
      return [name, { shape, data }];
    }),
  );
}

/** As `hashed_batch` of make_gradients.py. */
export function hashedFeeds(
  step: Pick<TrainingStep, 'target' | 'image' | 'masks'>,
  pictures: number,
  index = 0,
): StepFeeds {
  const [rows = 0, classes = 0] = step.target.shape;
  const target = new Float32Array(rows * classes);
  for (let row = 0; row < pictures; row++) target[row * classes + ((7 * row + 3) % classes)] = 1;
  const seeds = new Map([
    ['drop6', 1006],
    ['drop7', 1007],
  ]);
  return {
    image: hashedValues(1, sizeOf(step.image.shape), 100),
    target,
    normalizer: pictures,
    masks: new Map(
      step.masks.map(({ node, shape, ratio }) => {
        const seed = (seeds.get(node) ?? Number.NaN) + 10 * index;
        return [node, hashedMask(seed, sizeOf(shape), ratio)];
      }),
    ),
  };
}

function layerOf(parameter: string): string {
  return parameter.slice(0, parameter.lastIndexOf('.'));
}
