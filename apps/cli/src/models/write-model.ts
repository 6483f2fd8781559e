import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { AlexNetError, type Model } from '@alexnet/core';
import {
  type WriteOnnxOptions,
  type WrittenFile,
  writeFileAtomic,
  writeOnnxFile,
} from '@alexnet/export/node';
import { type ExportFormat, exportWeights, type TfjsWriteOptions } from '@alexnet/weights';
import { writeTfjs } from './write-tfjs.ts';

/** What a model is written as, by the end of the file's name. */
const FORMATS: readonly (readonly [suffix: string, format: ExportFormat | 'onnx'])[] = [
  ['.onnx', 'onnx'],
  ['.safetensors', 'safetensors'],
  ['.npz', 'npz'],
  ['.npy', 'numpy-dict'],
  ['.pth', 'pytorch'],
  ['.pt', 'pytorch'],
  ['.weights.h5', 'keras-weights'],
  ['.h5', 'keras-h5'],
];

/** TensorFlow.js knows its models by this name. */
const TFJS_NAME = 'model.json';

export const MODEL_SUFFIXES: readonly string[] = [...FORMATS.map(([suffix]) => suffix), TFJS_NAME];

/** What a model is written with, by its format. */
export interface WriteModelOptions {
  readonly onnx?: WriteOnnxOptions;
  readonly tfjs?: TfjsWriteOptions;
}

/** Whether a path is that of a layers model of TensorFlow.js. */
export function isTfjsModel(path: string): boolean {
  return basename(path).toLowerCase() === TFJS_NAME;
}

/** The format that a name asks for. @throws {@link AlexNetError} `INVALID_ARGUMENT` */
export function modelFormat(path: string): ExportFormat | 'onnx' | 'tfjs' {
  if (isTfjsModel(path)) return 'tfjs';
  const found = FORMATS.find(([suffix]) => path.toLowerCase().endsWith(suffix));
  if (found) return found[1];
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${path} does not say what to write.`,
    hint: `Names end with ${MODEL_SUFFIXES.join(', ')}.`,
    path: [path],
  });
}

/**
 * What a writing leaves out cannot be had back from what it would be in the place of.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` where the source is the target
 */
export function refuseItself(target: string, source: string): void {
  if (target !== source) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${target} would be written over itself.`,
    hint: 'Give another name.',
    path: [target],
  });
}

/** Whether the format that a name asks for has no place for labels and preprocessing. */
export function holdsWeightsAlone(path: string): boolean {
  return !['onnx', 'safetensors', 'tfjs'].includes(modelFormat(path));
}

/**
 * Writes a model in the format that the file's name asks for, whole or not at all.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for another name, and what writing throws
 */
export async function writeModel(
  path: string,
  model: Model,
  { onnx = {}, tfjs = {} }: WriteModelOptions = {},
): Promise<WrittenFile> {
  const format = modelFormat(path);
  if (format === 'onnx') return writeOnnxFile(path, model, onnx);
  if (format === 'tfjs') return writeTfjs(path, model, tfjs);
  const parts = exportWeights(model, format);
  const sha256 = createHash('sha256');
  await writeFileAtomic(path, parts, { hashes: [sha256] });
  const bytes = parts.reduce((total, part) => total + part.length, 0);
  return { file: path, bytes, sha256: sha256.digest('hex'), files: [] };
}
