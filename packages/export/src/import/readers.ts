import { AlexNetError } from '@alexnet/core';
import { findReader, translations } from '../ops/index.ts';
import {
  readGlobalMaximum,
  readGlobalMean,
  readMeanProduct,
  readOwnIdentity,
  readTiledMean,
} from './adaptive-average-pool.ts';
import { readElementwise } from './affine.ts';
import { readChannelBand } from './channel-band.ts';
import type { NodeReader } from './context.ts';
import type { OnnxGraphNode } from './graph-node.ts';
import { readLayer } from './layer.ts';
import { readMatMul } from './mat-mul.ts';
import {
  readDivisorPad,
  readDivisorPool,
  readNormalization,
  readScalarStep,
  readSquare,
} from './normalization.ts';
import { readPaddedMean } from './padded-mean.ts';
import { readPad } from './padding.ts';
import { passThrough, readRounding } from './pass-through.ts';
import { refuse } from './refusal.ts';
import {
  readFlatten,
  readReshape,
  readShape,
  readSqueeze,
  readTranspose,
  readUnsqueeze,
} from './reshape.ts';
import { readSoftmax } from './softmax.ts';
import { readConcat, readSlice, readSplit } from './towers.ts';
import type { Value } from './value.ts';

/** What an operator may be, the first that fits; {@link readLayer} comes last for all of them. */
const READERS: Readonly<Record<string, readonly NodeReader[]>> = {
  Add: [readScalarStep, readElementwise],
  AveragePool: [readDivisorPool, readTiledMean],
  Cast: [passThrough],
  Concat: [readConcat],
  Conv: [readChannelBand],
  DequantizeLinear: [readRounding],
  Div: [readNormalization, readScalarStep, readElementwise],
  Flatten: [readFlatten],
  GlobalAveragePool: [readGlobalMean],
  GlobalMaxPool: [readGlobalMaximum],
  Identity: [readOwnIdentity, passThrough],
  MatMul: [readMeanProduct, readMatMul],
  Mul: [readSquare, readNormalization, readScalarStep, readPaddedMean, readElementwise],
  Pad: [readDivisorPad, readPad],
  Pow: [readSquare, readScalarStep],
  QuantizeLinear: [readRounding],
  ReduceMean: [readGlobalMean],
  Reshape: [readReshape],
  Shape: [readShape],
  Slice: [readSlice],
  Softmax: [readSoftmax],
  Split: [readSplit],
  Sqrt: [readScalarStep],
  Squeeze: [readSqueeze],
  Sub: [readElementwise],
  Transpose: [readTranspose],
  Unsqueeze: [readUnsqueeze],
};

/** What may read a node of an operator, in the order in which to ask. */
export function findReaders(opType: string): readonly NodeReader[] {
  const readers = Object.hasOwn(READERS, opType) ? READERS[opType] : undefined;
  return [...(readers ?? []), readLayer];
}

/** An error that says why none of the readers took a node. @param inputs - that are given */
export function unknownOperator(node: OnnxGraphNode, inputs: readonly Value[] = []): AlexNetError {
  const isReader = Object.hasOwn(READERS, node.opType) || findReader(node.opType) !== undefined;
  if (node.isOnnxDomain && isReader) return refuse(node, describeInputs(inputs));
  const operators = new Set([
    ...Object.keys(translations).filter(findReader),
    ...Object.keys(READERS),
  ]);
  return new AlexNetError('UNSUPPORTED', {
    message: `${node.label}: there is no such operator${node.isOnnxDomain ? '' : ` of ${node.domain}`} in a network of ours.`,
    hint: node.isOnnxDomain
      ? `Operators: ${[...operators].sort().join(', ')}.`
      : 'Where it is a function in the file, onnx.inliner.inline_local_functions(model) writes it out.',
    path: [node.name],
  });
}

function describeInputs(inputs: readonly Value[]): string {
  if (inputs.some(({ kind }) => kind === 'part')) {
    return 'reads only some of the channels, which is read in towers of layers that are joined again';
  }
  if (inputs.some(({ kind }) => kind === 'divisor')) {
    return 'computes with a square in a way that is no local response normalisation';
  }
  if (inputs.filter(({ kind }) => kind === 'activation').length > 1) {
    return 'puts two values of the network together, which no op here does';
  }
  return 'has operands that no layer here has';
}
