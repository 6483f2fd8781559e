import { dirname, join } from 'node:path';
import { AlexNetError, type Model } from '@alexnet/core';
import { cutFrom } from '@alexnet/core/transforms';
import { findFrozenValue, nameRecipes } from '@alexnet/train';
import { measureConvolutions } from '@alexnet/train/node';
import { weightsFolder } from '@alexnet/weights/node';
import type { Terminal } from '../terminal/terminal.ts';
import type { RunConfig } from './run-config.ts';

export const CONVOLUTION_WISHES = ['counted', 'measured'] as const;
/** What the user says of how convolutions are computed. */
export type ConvolutionWish = (typeof CONVOLUTION_WISHES)[number];

/**
 * How a run computes its convolutions: by counting, or as a trial finds, which the run records, so that it goes on
 * by the same recipes whatever a later trial would find.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` where another engine than onnxruntime on the processor computes
 */
export async function chooseConvolutions(
  wish: ConvolutionWish,
  {
    config,
    model,
    terminal,
  }: { readonly config: RunConfig; readonly model: Model; readonly terminal: Terminal },
): Promise<RunConfig['convolutions']> {
  if (wish === 'counted') return null;
  const { engine } = config;
  if (!isOnProcessor(config)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `--convolutions measured is for onnxruntime on the processor, and ${engine.name} on ${engine.device} trains.`,
      hint: 'Leave it out, or add: --engine onnxruntime --device cpu',
    });
  }
  try {
    return await measureConvolutions({
      ...selectSteps(config, model),
      threads: config.threads,
      folder: measurementsFolder(),
      onTrial: (layer) => terminal.status(`trying recipes of ${layer} …`),
      onTrouble: ({ message }) => terminal.note(`recipes   ${message}`),
    });
  } finally {
    terminal.status('');
  }
}

/** Where the outcomes of trials are kept. */
export function measurementsFolder(): string {
  return join(dirname(weightsFolder()), 'recipes');
}

/** Whether it is onnxruntime on the processor that computes: where there is a choice. */
export function isOnProcessor({ engine }: RunConfig): boolean {
  return engine.name === 'onnxruntime' && engine.device === 'cpu';
}

/** `recipes   counted: conv1 direct, conv2 fourier` */
export function describeConvolutions(config: RunConfig, model: Model): string {
  const convolutions = config.convolutions ?? 'counted';
  const { graph, ...steps } = selectSteps(config, model);
  const named = nameRecipes(graph, { ...steps, convolutions });
  const layers = named.map(({ layer, recipe }) => `${layer} ${recipe}`).join(', ');
  const how = convolutions === 'counted' ? convolutions : 'measured';
  return `recipes   ${how}: ${layers || 'no step computes a convolution'}`;
}

/** What the steps of a run compute: not the frozen layers whose features are kept; all of them once they learn. */
function selectSteps({ training, featureVariants }: RunConfig, model: Model) {
  const { batchSize, microBatches, unfreezeAt } = training;
  const frozen = unfreezeAt === null ? training.frozen : [];
  const kept = featureVariants === null ? null : findFrozenValue(model.graph, new Set(frozen));
  const { graph } = kept === null ? model : cutFrom(model, kept);
  return { graph, frozen, batchSize: batchSize / microBatches };
}
