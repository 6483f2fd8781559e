import type { Node, NodeOf, OpName } from '@alexnet/core';
import type { OnnxNode } from '../onnx-node.ts';
import { adaptiveAveragePool } from './adaptive-average-pool.ts';
import { averagePool } from './average-pool.ts';
import { batchNormalization } from './batch-normalization.ts';
import { conv } from './conv.ts';
import { dropout } from './dropout.ts';
import { flatten } from './flatten.ts';
import { gemm } from './gemm.ts';
import { lrn } from './lrn.ts';
import { maxPool } from './max-pool.ts';
import type { OpTranslation } from './op-translation.ts';
import { relu } from './relu.ts';
import { softmax } from './softmax.ts';
import { spatialLrn } from './spatial-lrn.ts';
import { tanh } from './tanh.ts';

type TranslationTable = { readonly [Op in OpName]: OpTranslation<NodeOf<Op>> };

/** Every op of the IR, by its name: ONNX's, where ONNX has the operator. */
export const translations: TranslationTable = {
  AdaptiveAveragePool: adaptiveAveragePool,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Conv: conv,
  Dropout: dropout,
  Flatten: flatten,
  Gemm: gemm,
  LRN: lrn,
  MaxPool: maxPool,
  Relu: relu,
  Softmax: softmax,
  SpatialLRN: spatialLrn,
  Tanh: tanh,
};

/** What reads an operator of ONNX; undefined where it alone is no op of the IR. */
export function findReader(opType: string): ((node: OnnxNode) => Node) | undefined {
  return isOpName(opType) ? (translations[opType].fromOnnx ?? undefined) : undefined;
}

function isOpName(opType: string): opType is OpName {
  return Object.hasOwn(translations, opType);
}
