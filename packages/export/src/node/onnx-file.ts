import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { AlexNetError, type Model, nameFile } from '@alexnet/core';
import type { ExportOptions } from '../export-options.ts';
import { type ImportedModel, type ImportOptions, importOnnx } from '../import-onnx.ts';
import { encodeModelParts, MAX_MODEL_BYTES } from '../proto/codec.ts';
import { toOnnx } from '../to-onnx.ts';
import { readExternalFiles } from './external-files.ts';
import { readFileBytes } from './read-file-bytes.ts';
import { writeFileAtomic } from './write-file-atomic.ts';
import { type WrittenFile, writeSharded } from './write-sharded.ts';

export interface WriteOnnxOptions extends ExportOptions {
  /** Puts the weights into files beside the model, `model.onnx.data-00001-…`, for what does not take large files. */
  readonly externalData?: boolean;
  /** Of the largest of these files; 20 MiB unless given, which is below what content networks take. */
  readonly shardSizeBytes?: number;
}

/**
 * Writes a model's ONNX file, and the files with its weights where they are to be apart: all or none, and without a
 * second copy of the weights in memory.
 *
 * @throws AlexNetError as {@link toOnnx}, {@link writeFileAtomic} and {@link writeSharded}
 *
 * @example
 * await writeOnnxFile('model.onnx', createModel('mini'));
 * // { file: 'model.onnx', bytes: 911925, sha256: '…', files: [] }
 */
export async function writeOnnxFile(
  path: string,
  model: Model,
  { externalData = false, shardSizeBytes, ...options }: WriteOnnxOptions = {},
): Promise<WrittenFile> {
  if (!externalData && shardSizeBytes !== undefined) throw pointlessShardSize();
  const proto = toOnnx(model, options);
  if (externalData) return writeSharded(path, proto, shardSizeBytes);
  const parts = encodeModelParts(proto);
  const sha256 = createHash('sha256');
  await writeFileAtomic(path, parts, { hashes: [sha256] });
  const bytes = parts.reduce((total, part) => total + part.length, 0);
  return { file: path, bytes, sha256: sha256.digest('hex'), files: [] };
}

function pointlessShardSize(): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: 'shardSizeBytes says how large files beside the model become, but none are asked for.',
    hint: 'Set externalData: true as well.',
    path: ['shardSizeBytes'],
  });
}

/**
 * Reads the network in an ONNX file of any writer, and its weights from the files beside it, where it names some:
 * PyTorch writes `model.onnx.data`. Only files in the same folder are read, and no links.
 *
 * @throws AlexNetError as {@link readFileBytes} and {@link importOnnx}; the message starts with the path
 */
export async function readOnnxFile(
  path: string,
  options: ImportOptions = {},
): Promise<ImportedModel> {
  const bytes = await readFileBytes(path, { limitBytes: MAX_MODEL_BYTES });
  try {
    const externalFiles = options.externalFiles ?? (await readExternalFiles(path, bytes));
    const model = importOnnx(bytes, { ...options, externalFiles });
    return withSource(model, basename(path));
  } catch (cause) {
    throw nameFile(cause, path);
  }
}

/** A foreign file does not say where its weights are from: from itself. */
function withSource(model: ImportedModel, source: string): ImportedModel {
  const { metadata } = model;
  const { provenance } = metadata;
  if (provenance.origin !== 'imported' || provenance.source !== undefined) return model;
  return { ...model, metadata: { ...metadata, provenance: { ...provenance, source } } };
}
