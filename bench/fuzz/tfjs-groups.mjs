import { createGraphBuilder, createModel, initializeWeights } from '@alexnet/core';
import { writeTfjsLayers } from '@alexnet/weights';

const init = () => {
  return { weight: { kind: 'uniform', bound: 1 }, bias: { kind: 'constant', value: 0 } };
};

/** A small model for TensorFlow.js, with groups of channels and a response normalisation: model.json is the last. */
export function writeTfjsGroups() {
  const graph = createGraphBuilder('groups', [4, 9, 8])
    .conv('conv1', { init, channels: 6, kernel: 3, stride: 2, pads: [0, 1, 2, 1], group: 2 })
    .relu('relu1')
    .lrn('norm1', { size: 3, alpha: 0.01, beta: 0.75, k: 1 })
    .maxPool('pool1', { kernel: 3, stride: 2, ceilMode: true })
    .flatten('flatten')
    .gemm('fc2', { init, features: 3 })
    .build();
  const { metadata } = createModel('mini', { classes: 3 });
  const weights = initializeWeights(graph, { seed: 8 });
  return writeTfjsLayers({ graph, weights, metadata }, { lrn: 'class' });
}
