import type { NodeOf, OpName } from '@alexnet/core';
import { conv } from './conv.ts';
import { dropout } from './dropout.ts';
import { flatten } from './flatten.ts';
import { gemm } from './gemm.ts';
import { lrn } from './lrn.ts';
import { maxPool } from './max-pool.ts';
import type { OpTranslation } from './op-translation.ts';
import { relu } from './relu.ts';
import { softmax } from './softmax.ts';

type TranslationTable = { readonly [Op in OpName]: OpTranslation<NodeOf<Op>> };

/** Every op of the IR, by the name that it has in ONNX as well. */
export const translations: TranslationTable = {
  Conv: conv,
  Dropout: dropout,
  Flatten: flatten,
  Gemm: gemm,
  LRN: lrn,
  MaxPool: maxPool,
  Relu: relu,
  Softmax: softmax,
};

export function isOpName(opType: string): opType is OpName {
  return Object.hasOwn(translations, opType);
}
