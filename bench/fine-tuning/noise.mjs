import { createModel, createRandom, numberedLabels } from '@alexnet/core';
import { cachePictures } from '@alexnet/data';
import { findFrozenValue } from '@alexnet/train';
import { openFeatureCache } from '@alexnet/train/node';

const CLASSES = 1000;

/** A network whose convolutions are frozen. */
export function createFrozenModel(preset) {
  const model = createModel(preset, { classes: CLASSES, seed: 0 });
  const frozen = model.graph.parameters
    .map(({ name }) => name)
    .filter((name) => name.startsWith('conv'));
  return { ...model, value: findFrozenValue(model.graph, new Set(frozen)) };
}

/** Noise in place of pictures, in memory, as large as the network's input: nothing to decode, nothing to resize. */
export function createNoise({ graph }, length) {
  const [channels, height, width] = graph.input.shape;
  const noise = {
    name: 'noise',
    labels: numberedLabels(CLASSES),
    length,
    labelOf: (index) => index % CLASSES,
    nameOf: (index) => `${index}.png`,
    keyOf: (index) => `noise/${index}`,
    readPicture: async (index) => {
      const random = createRandom(0).split('picture', index);
      const words = new Uint32Array((channels * height * width) / 4);
      for (let i = 0; i < words.length; i++) words[i] = random.uint32();
      return { width, height, channels, pixels: new Uint8Array(words.buffer) };
    },
  };
  return cachePictures(noise, { limitBytes: 2 ** 30 });
}

/** The features of a data set, made in a folder or found there. */
export function openFeatures(model, { pictures, folder, threads, renderer }) {
  const { graph, weights, metadata, value } = model;
  return openFeatureCache({
    graph,
    weights,
    preprocessing: metadata.preprocessing,
    value,
    training: pictures,
    augmentation: 'none',
    variants: 1,
    seed: 0,
    folder,
    threads,
    renderer,
  });
}
