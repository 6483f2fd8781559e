import type { NodeOf, OpName } from '@alexnet/core';
import { adaptiveAveragePool } from './adaptive-average-pool.ts';
import { averagePool } from './average-pool.ts';
import { batchNormalization } from './batch-normalization.ts';
import { conv } from './convolution/conv.ts';
import { dropout } from './dropout.ts';
import { flatten } from './flatten.ts';
import { gemm } from './gemm/gemm.ts';
import { lrn } from './lrn.ts';
import { maxPool } from './max-pool.ts';
import type { OpLowering } from './op-lowering.ts';
import { relu } from './relu.ts';
import { softmax } from './softmax.ts';
import { spatialLrn } from './spatial-lrn.ts';
import { tanh } from './tanh.ts';

type LoweringTable = { readonly [Op in OpName]: OpLowering<NodeOf<Op>> };

/** Every op of the IR as ONNX operators, forwards and backwards. */
export const lowerings: LoweringTable = {
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
