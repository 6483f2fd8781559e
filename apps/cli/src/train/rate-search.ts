import { relative } from 'node:path';
import type { Model } from '@alexnet/core';
import { createRenderThreads } from '@alexnet/data/node';
import { writeFileAtomic } from '@alexnet/export/node';
import { findLearningRate, renderRateSearch } from '@alexnet/train';
import { keepInMemory, type TrainingData } from '../data/open-data.ts';
import { createProgress } from '../terminal/progress.ts';
import { callerFolder, resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { createEngineOf } from './choose-engine.ts';
import type { RunConfig } from './run-config.ts';

export interface RateSearchCall {
  readonly config: RunConfig;
  readonly model: Model;
  readonly data: TrainingData;
  /** Page that the curve is drawn on, as the user named it. */
  readonly page: string;
  readonly json: boolean;
  readonly terminal: Terminal;
}

const STEPS = 100;

/** `train --find-learning-rate PAGE`: tries rates in place of a training, and draws what came of it. */
export async function searchLearningRate(call: RateSearchCall): Promise<void> {
  const { config, model, data, json, terminal } = call;
  const progress = createProgress(terminal, { label: 'trying rates', total: STEPS, unit: 'steps' });
  const renderer = createRenderThreads();
  const search = await findLearningRate({
    graph: model.graph,
    metadata: model.metadata,
    state: model.weights,
    config: config.training,
    training: keepInMemory(data.training, model.metadata.preprocessing),
    renderer,
    createEngine: createEngineOf(config),
    steps: STEPS,
    onProgress: (steps) => progress.update(steps),
  }).finally(() => renderer.dispose());
  progress.finish();
  const page = resolvePath(call.page);
  const title = `Learning rates for ${model.graph.name}`;
  await writeFileAtomic(page, renderRateSearch(search, title));
  if (json) {
    terminal.result(JSON.stringify({ ...search, page }));
    return;
  }
  const { suggestion } = search;
  terminal.result(
    suggestion === null
      ? 'The loss never falls: look at the pictures and their labels.'
      : `The loss falls fastest at --learning-rate ${Number(suggestion.toPrecision(2))}`,
  );
  terminal.result(`  look      ${relative(callerFolder(), page)}`);
}
