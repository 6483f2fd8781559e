import {
  buildConvolutionTrial,
  type ConvolutionLayer,
  type LayerRecipe,
  listTrialInputs,
} from '@alexnet/autodiff';
import { createTensor } from '@alexnet/core';
import { encodeModel } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import { chooseRecipe } from '../recipes/choose-recipe.ts';
import type { OrtModule } from './ort-module.ts';

export interface RecipeTrialOptions {
  readonly ort: OrtModule;
  /** As the engine has them. */
  readonly blockedChannels: number | null;
  /** Threads of a run; onnxruntime decides unless given. */
  readonly threads?: number;
  readonly clock: TrialClock;
}

export interface TrialClock {
  /** Milliseconds. */
  now(): number;
  /** Waits until the threads of a session that has run no longer spin, and take no processor from the next one. */
  pause(): Promise<void>;
}

/** Turns of either side, after a run that pays for memory. */
const ROUNDS = 3;
/** A turn has as many runs as this takes; the fastest counts. */
const TURN_MS = 20;
/** A challenger that takes so many times as long in a round is given up. */
const HOPELESS = 1.1;

/**
 * The quickest recipe of a convolution on onnxruntime: races of a few runs in turns, so that a machine that changes
 * its speed does so for both sides, and the fastest run of each counts.
 */
export async function measureRecipe(
  layer: ConvolutionLayer,
  options: RecipeTrialOptions,
): Promise<LayerRecipe> {
  const { ort, clock } = options;
  const sides = new Map<string, Ort.InferenceSession>();
  const feeds = createFeeds(ort, layer);
  const open = async (recipe: LayerRecipe) => {
    const key = JSON.stringify(recipe);
    const known = sides.get(key);
    if (known) return known;
    const session = await createSession(layer, recipe, options);
    sides.set(key, session);
    await session.run(feeds);
    return session;
  };
  /** Ends all but some, whose memory would add up. */
  const keep = async (recipes: readonly LayerRecipe[]) => {
    const kept = new Set(recipes.map((recipe) => JSON.stringify(recipe)));
    for (const [key, session] of sides) {
      if (kept.has(key)) continue;
      sides.delete(key);
      await session.release();
    }
  };
  const time = async (session: Ort.InferenceSession) => {
    await clock.pause();
    const beginMs = clock.now();
    let fastestMs = Number.POSITIVE_INFINITY;
    for (let lastMs = beginMs; lastMs - beginMs < TURN_MS; ) {
      await session.run(feeds);
      const endMs = clock.now();
      fastestMs = Math.min(fastestMs, endMs - lastMs);
      lastMs = endMs;
    }
    return fastestMs;
  };
  try {
    return await chooseRecipe(layer, async (champion, challenger) => {
      await keep([champion]);
      const [first, second] = [await open(champion), await open(challenger)];
      let [firstMs, secondMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (let round = 0; round < ROUNDS; round++) {
        firstMs = Math.min(firstMs, await time(first));
        secondMs = Math.min(secondMs, await time(second));
        if (secondMs > HOPELESS * firstMs) break;
      }
      return [firstMs, secondMs];
    });
  } finally {
    await keep([]);
  }
}

function createSession(
  layer: ConvolutionLayer,
  recipe: LayerRecipe,
  { ort, blockedChannels, threads }: RecipeTrialOptions,
): Promise<Ort.InferenceSession> {
  const model = buildConvolutionTrial(layer, recipe, { blockedChannels });
  return ort.InferenceSession.create(encodeModel(model), {
    graphOptimizationLevel: 'all',
    enableMemPattern: false,
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  });
}

/** Numbers between −½ and ½: such as are next to zero would take longer. */
function createFeeds(ort: OrtModule, layer: ConvolutionLayer): Record<string, Ort.Tensor> {
  return Object.fromEntries(
    listTrialInputs(layer).map(({ name, shape }) => {
      const { data } = createTensor(shape);
      for (let i = 0; i < data.length; i++) data[i] = (i % 17) / 17 - 0.5;
      return [name, new ort.Tensor('float32', data, shape)];
    }),
  );
}
