import { createRandom, createTensor, type Model, type Tensor } from '@alexnet/core';

/** Standard deviation of pixels in 0–255. */
const PIXEL_STD = 58;

/** Noise of the strength that pictures have after the model's preprocessing. */
export function makeNoise({ graph, metadata }: Model, batchSize: number): Tensor {
  const input = createTensor([batchSize, ...graph.input.shape]);
  createRandom(11).fillNormal(input.data);
  const { scale, std } = metadata.preprocessing;
  const strength = (PIXEL_STD * scale) / (std[0] ?? 1);
  return { ...input, data: input.data.map((value) => value * strength) };
}
