import { createNetwork, type InitScheme, initializeModel, type Model } from '@alexnet/core';
import { findHead, reinitialize, replaceHead, selectParameters } from '@alexnet/core/transforms';
import type { TrainingConfig } from '@alexnet/train';
import { readModel } from '../models/load-model.ts';
import { initializeOwnNetwork } from '../models/own-network.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { checkMemory } from './check-memory.ts';
import type { RunConfig } from './run-config.ts';
import { withTrainingMean } from './training-mean.ts';

interface FreshOptions {
  readonly seed: number;
  readonly init: InitScheme;
}

/**
 * The network of a new run with its initial weights: a preset or the user's own freshly initialised, or another
 * model's with a new head where the classes are others, and fresh weights in the layers that the user named.
 *
 * @throws what building or reading throws
 */
export async function createInitialModel(
  config: InitialConfig,
  terminal: Terminal,
): Promise<Model> {
  const model = await createWeights(config, terminal);
  const { mean } = config.network;
  return mean === null ? model : withTrainingMean(model, mean);
}

type InitialConfig = Pick<RunConfig, 'network' | 'labels'> & {
  readonly training: FreshOptions & Pick<TrainingConfig, 'batchSize' | 'microBatches'>;
};

async function createWeights(
  { network, labels, training }: InitialConfig,
  terminal: Terminal,
): Promise<Model> {
  const { seed, init } = training;
  if (network.from !== null) {
    const { model, remarks } = await readModel(network.from);
    for (const remark of remarks) terminal.note(`note: ${remark}`);
    const fitted = fitToLabels(model, { labels, seed, init, terminal });
    return forget(fitted, { patterns: network.reinit, seed, init, terminal });
  }
  if (network.own) {
    checkMemory(network.own.graph, training);
    return initializeOwnNetwork(network.own, { labels, seed, init });
  }
  const built = createNetwork(network.preset ?? 'compact', {
    ...network.options,
    classes: labels.length,
  });
  checkMemory(built.graph, training);
  return initializeModel(built, { labels, seed, init });
}

/** The model itself if its classes are these; else the same with its last layer made anew. */
function fitToLabels(
  model: Model,
  { labels, terminal, ...fresh }: FreshOptions & { labels: readonly string[]; terminal: Terminal },
): Model {
  const { metadata } = model;
  if (JSON.stringify(metadata.labels) === JSON.stringify(labels)) return model;
  const fitted = replaceHead(model, { labels, ...fresh });
  terminal.note(
    `note: ${findHead(model.graph).name} is new: the model had ${metadata.labels.length} classes, the pictures have ${labels.length} others.`,
  );
  return fitted;
}

/** The model with fresh weights in the layers that the patterns name. @throws `INVALID_ARGUMENT` */
function forget(
  model: Model,
  {
    patterns,
    terminal,
    ...fresh
  }: FreshOptions & { patterns: readonly string[]; terminal: Terminal },
): Model {
  if (patterns.length === 0) return model;
  const names = selectParameters(model.graph, patterns);
  terminal.note(`note: initialised anew (${fresh.init}): ${names.join(', ')}.`);
  return reinitialize(model, patterns, fresh);
}
