import type { NodeOf, OpName } from '../graph/graph.ts';
import { adaptiveAveragePool } from './adaptive-average-pool.ts';
import { averagePool } from './average-pool.ts';
import { batchNormalization } from './batch-normalization.ts';
import { conv } from './conv.ts';
import { dropout } from './dropout.ts';
import { flatten } from './flatten.ts';
import { gemm } from './gemm.ts';
import { lrn } from './lrn.ts';
import { maxPool } from './max-pool.ts';
import type { OpDefinition } from './op-definition.ts';
import { relu } from './relu.ts';
import { softmax } from './softmax.ts';
import { spatialLrn } from './spatial-lrn.ts';
import { tanh } from './tanh.ts';

type OpTable = { readonly [Op in OpName]: OpDefinition<NodeOf<Op>> };

/** Every op of the IR. A package that translates ops has a table with the same keys. */
export const ops: OpTable = {
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
