import { readJson } from '@alexnet/core';

/** In what a file computes. */
export const COMPUTE_TYPES = ['float32', 'float16', 'int8'] as const;
/** In what a file keeps its weights. */
export const WEIGHT_TYPES = ['float32', 'float16', 'int8'] as const;

export type ComputeType = (typeof COMPUTE_TYPES)[number];
export type WeightType = (typeof WEIGHT_TYPES)[number];

/**
 * Numbers in a file: those that it computes with, and those that its weights are kept in.
 *
 * Where weights are kept smaller than what is computed with, a runtime has to widen them once, when it loads the file,
 * and not in each run: onnxruntime does so with the session option `session.disable_quant_qdq` = `1`.
 */
export interface Precision {
  readonly compute: ComputeType;
  readonly weights: WeightType;
}

/** Of files that say nothing. */
export const DEFAULT_PRECISION: Precision = { compute: 'float32', weights: 'float32' };

/** Whether a runtime has weights to widen before it computes. */
export function keepsWeightsSmall({ compute, weights }: Precision): boolean {
  return compute !== 'int8' && weights !== compute;
}

/** @throws AlexNetError `INVALID_MODEL` naming the field */
export function parsePrecision(value: unknown): Precision {
  const json = readJson(value, { code: 'INVALID_MODEL', what: 'The precision' });
  return {
    compute: json.field('compute').oneOf(COMPUTE_TYPES),
    weights: json.field('weights').oneOf(WEIGHT_TYPES),
  };
}
