import { AlexNetError } from '@alexnet/core';
import type { OutputKind } from './graph-ends.ts';
import { WEIGHT_TYPES, type WeightType } from './precision.ts';

export interface ExportOptions {
  /** What the model gives, and the names of its outputs; `logits` by default. */
  readonly output?: OutputKind;
  /** Layers whose values are outputs too, under the layers' names. */
  readonly features?: readonly string[];
  /**
   * Local response normalisation as ONNX's own operator (`native`, the default), or as a convolution over the
   * channels: equal to 1e-6, and made of what WebGPU in browsers has.
   */
  readonly lrn?: 'native' | 'conv';
  /**
   * What weights are kept in: `float32`, the default; `float16`, half the size; `int8` with a scale for each output
   * channel, a quarter of it. The network computes in float32 all the same.
   */
  readonly weights?: WeightType;
}

const OUTPUTS = ['logits', 'probabilities', 'both'] as const;
const LRN_FORMS = ['native', 'conv'] as const;

/** @throws AlexNetError `INVALID_ARGUMENT` naming an option and what it can be */
export function completeOptions(options: ExportOptions): Required<ExportOptions> {
  const { output = 'logits', features = [], lrn = 'native', weights = 'float32' } = options;
  checkChoice('output', output, OUTPUTS);
  checkChoice('lrn', lrn, LRN_FORMS);
  checkChoice('weights', weights, WEIGHT_TYPES);
  return { output, features, lrn, weights };
}

function checkChoice(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${option} is ${JSON.stringify(value)}.`,
    hint: `It can be ${choices.map((choice) => `"${choice}"`).join(', ')}.`,
    path: [option],
  });
}
