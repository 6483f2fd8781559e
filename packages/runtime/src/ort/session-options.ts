import { AlexNetError } from '@alexnet/core';
import { keepsWeightsSmall, type Precision } from '@alexnet/export';
import { summarizeMessage } from './summarize-message.ts';

/** What the same model wants of onnxruntime wherever it runs. */
export interface OrtModelOptions {
  /** Nothing below `fatal`: what goes wrong is thrown, the console belongs to the caller. */
  readonly logSeverityLevel: 4;
  /** Session options by their names in onnxruntime's C++ interface, a level for each dot. */
  readonly extra?: { readonly session: Readonly<Record<string, string>> };
}

/** @param precision - what the file says of its numbers; float32 unless given */
export function ortModelOptions(precision?: Precision): OrtModelOptions {
  const isSmall = precision !== undefined && keepsWeightsSmall(precision);
  return { logSeverityLevel: 4, ...(isSmall ? { extra: WIDEN_ONCE } : {}) };
}

/** Weights that are kept small are widened when the model is loaded: otherwise in each run, at half the speed. */
const WIDEN_ONCE = { session: { disable_quant_qdq: '1' } } as const;

/** The error of a model that does not load on the device that loads all models. */
export function createOrtLoadError(name: string, cause: unknown): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `onnxruntime does not load ${name}: ${summarizeMessage(cause)}.`,
    hint: 'The file is damaged, cut short or made for a newer onnxruntime: copy or export it again.',
    path: [name],
    cause,
  });
}
