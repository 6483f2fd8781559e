import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConvolutionRecipe, LayerRecipes } from '@alexnet/autodiff';
import { countClasses, createRandom, createTensor, type Graph, type Weights } from '@alexnet/core';
import { createOrtEngine } from '../ort/index.ts';
import { type ProfileRow, summarizeProfile } from '../ort/step-profile.ts';
import { createTargets } from '../step/targets.ts';
import type { EngineInfo } from '../training-engine.ts';
import { loadOnnxRuntime } from './onnxruntime.ts';

export interface StepTrialOptions {
  readonly graph: Graph;
  /** The trial's to write over. */
  readonly weights: Weights;
  readonly batchSize: number;
  /** Threads of a step; onnxruntime decides unless given. */
  readonly threads?: number;
  /** `counted` unless given. */
  readonly convolutions?: ConvolutionRecipe | LayerRecipes;
  /** Whether onnxruntime is to take the time of every operator, which costs a little itself. Not so unless given. */
  readonly profile?: boolean;
}

/** Full training steps (forward, backward, update, dropout on) on pictures of noise, to see what they cost. */
export interface StepTrial {
  readonly info: EngineInfo;
  /** Building the step's model and its session. */
  readonly setUpMs: number;
  /** @returns milliseconds */
  take(): Promise<number>;
  /**
   * Ends the trial.
   *
   * @param skippedSteps - first steps, which pay for memory, to leave out of the profile
   * @returns the profile; `null` if none was asked for
   */
  end(skippedSteps: number): Promise<readonly ProfileRow[] | null>;
}

/** @throws {@link AlexNetError} `MISSING_DEPENDENCY`, or as `createOrtEngine` */
export async function createStepTrial(options: StepTrialOptions): Promise<StepTrial> {
  const { graph, weights, batchSize, threads, convolutions, profile = false } = options;
  const ort = await loadOnnxRuntime();
  const folder = profile ? await mkdtemp(join(tmpdir(), 'alexnet-profile-')) : null;
  const startedMs = performance.now();
  const engine = await createOrtEngine({
    ort,
    graph,
    batchSize,
    rule: { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } },
    state: weights,
    ownsState: true,
    frozen: [],
    seed: 0,
    device: 'cpu',
    ...(threads === undefined ? {} : { threads }),
    ...(convolutions === undefined ? {} : { convolutions }),
    ...(folder === null ? {} : { profilePrefix: join(folder, 'step') }),
  });
  const setUpMs = performance.now() - startedMs;
  const { data: images } = createTensor([batchSize, ...graph.input.shape]);
  createRandom(0).fillNormal(images);
  const classes = countClasses(graph);
  const labels = Array.from({ length: batchSize }, (_, index) => index % classes);
  const { rows: targets } = createTargets(labels, { batchSize, classes });
  let step = 0;
  return {
    info: engine.info,
    setUpMs,
    take: async () => {
      step += 1;
      const beginMs = performance.now();
      await engine.step({ images, targets, normalizer: batchSize, learningRate: 1e-4, step });
      return performance.now() - beginMs;
    },
    end: async (skippedSteps) => {
      await engine.dispose();
      if (folder === null) return null;
      const layers = graph.nodes.map(({ name }) => name);
      try {
        return summarizeProfile(await readProfile(folder), { skippedSteps, layers });
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  };
}

/** The only file there: its name ends with the time. */
async function readProfile(folder: string): Promise<string> {
  const [name = ''] = await readdir(folder);
  return readFile(join(folder, name), 'utf8');
}
