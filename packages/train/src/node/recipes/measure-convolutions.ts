import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LayerRecipe, type LayerRecipes, listConvolutions } from '@alexnet/autodiff';
import type { AlexNetError, Graph } from '@alexnet/core';
import { probeBlockedChannels } from '../../ort/index.ts';
import { measureRecipe } from '../../ort/recipe-trial.ts';
import { loadOnnxRuntime } from '../onnxruntime.ts';
import { describeProcessor } from './machine.ts';
import { findRecipe } from './recipe-cache.ts';

export interface MeasureConvolutionsOptions {
  readonly graph: Graph;
  /** Pictures that are computed at once. */
  readonly batchSize: number;
  /** Names of the parameters that never learn. */
  readonly frozen: readonly string[];
  /** Threads of a step; onnxruntime decides unless given. */
  readonly threads?: number;
  /** Where outcomes are kept, by machine, onnxruntime's version and the layer's shapes. */
  readonly folder: string;
  /** Told before the trial of a layer whose outcome is not known yet. */
  readonly onTrial?: (layer: string) => void;
  /** Told what is wrong with an outcome that was kept, or cannot be. */
  readonly onTrouble?: (error: AlexNetError) => void;
}

/** onnxruntime's threads spin for up to 45 ms. */
const PAUSE_MS = 50;

/**
 * The quickest recipe of every convolution of a training step on onnxruntime, on this machine's processor: found in
 * short trials, some seconds for a whole AlexNet, or as found before.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY`, or as `buildTrainingStep`
 */
export async function measureConvolutions(
  options: MeasureConvolutionsOptions,
): Promise<LayerRecipes> {
  const { graph, batchSize, threads, folder, onTrial, onTrouble } = options;
  const frozen = new Set(options.frozen);
  const trainable = (parameter: string) => !frozen.has(parameter);
  const ort = await loadOnnxRuntime();
  const blockedChannels = await probeBlockedChannels(ort);
  const machine = {
    cpu: await describeProcessor(),
    cores: cpus().length,
    threads: threads ?? null,
    blockedChannels,
    runtime: `onnxruntime-node ${ort.env.versions.common}`,
  };
  const recipes: [string, LayerRecipe][] = [];
  for (const layer of listConvolutions(graph, { batchSize, trainable })) {
    const recipe = await findRecipe(layer, {
      folder,
      machine,
      measure: (each) => {
        onTrial?.(each.name);
        return measureRecipe(each, {
          ort,
          blockedChannels,
          clock: { now: () => performance.now(), pause: () => sleep(PAUSE_MS) },
          ...(threads === undefined ? {} : { threads }),
        });
      },
      ...(onTrouble ? { onTrouble } : {}),
    });
    recipes.push([layer.name, recipe]);
  }
  return Object.fromEntries(recipes);
}
