import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AlexNetError, isAlexNetError, type Model, nameFile } from '@alexnet/core';
import type { ExportOptions } from '../export-options.ts';
import { fillHollow } from '../import/fill-hollow.ts';
import {
  type ImportedModel,
  type ImportOptions,
  importModelProto,
  importOnnx,
} from '../import-onnx.ts';
import { encodeModelParts, MAX_MODEL_BYTES, readHollowModel } from '../proto/codec.ts';
import type { ModelProto } from '../proto/messages.ts';
import { type OnnxMetadata, scanOnnxMetadata } from '../read-onnx-metadata.ts';
import { toOnnx } from '../to-onnx.ts';
import { readExternalFiles } from './external-files.ts';
import { readFileBytes, withFile } from './read-file-bytes.ts';
import { writeFileAtomic } from './write-file-atomic.ts';
import { isShardName, type WrittenFile, writeSharded } from './write-sharded.ts';

export interface WriteOnnxOptions extends ExportOptions {
  /** Puts the weights into files beside the model, `model.onnx.data-00001-…`, for what does not take large files. */
  readonly externalData?: boolean;
  /** Of the largest of these files; 20 MiB unless given, which is below what content networks take. */
  readonly shardSizeBytes?: number;
}

/**
 * Writes a model's ONNX file, and the files with its weights where they are to be apart: all or none, and without a
 * second copy of the weights in memory. Those of the model that was there before are removed.
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
  const replaced = await findOwnShards(path);
  const written = externalData
    ? await writeSharded(path, proto, shardSizeBytes)
    : await writeWhole(path, proto);
  const kept = new Set(written.files.map(({ name }) => name));
  for (const name of replaced) {
    if (!kept.has(name)) await rm(join(dirname(path), name), { force: true });
  }
  return written;
}

async function writeWhole(path: string, model: ModelProto): Promise<WrittenFile> {
  const parts = encodeModelParts(model);
  const sha256 = createHash('sha256');
  await writeFileAtomic(path, parts, { hashes: [sha256] });
  const bytes = parts.reduce((total, part) => total + part.length, 0);
  return { file: path, bytes, sha256: sha256.digest('hex'), files: [] };
}

/** Names of the files that a model at this path, if there is one, keeps its weights in: those that we gave them. */
async function findOwnShards(path: string): Promise<readonly string[]> {
  try {
    const { files } = await readOnnxFileMetadata(path);
    return files.flatMap(({ name }) => (isShardName(name, path) ? [name] : []));
  } catch (cause) {
    // Nothing, or no model: it has no files of ours.
    if (isAlexNetError(cause)) return [];
    throw cause;
  }
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
  options: Omit<ImportOptions, 'ownsBytes'> = {},
): Promise<ImportedModel> {
  const bytes = await readFileBytes(path, { limitBytes: MAX_MODEL_BYTES });
  try {
    const externalFiles = options.externalFiles ?? (await readExternalFiles(path, bytes));
    const model = importOnnx(bytes, { ...options, externalFiles, ownsBytes: true });
    return withSource(model, basename(path));
  } catch (cause) {
    throw nameFile(cause, path);
  }
}

/** A network as a file has it, without weights. */
export type ImportedNetwork = Omit<ImportedModel, 'weights'>;

/**
 * Reads the network in an ONNX file of any writer as {@link readOnnxFile} does, but not its weights: of a large file
 * some hundred kilobytes, of files beside it nothing. Values of less than 1 MiB are read, as a network may be told by
 * them.
 *
 * @throws AlexNetError as {@link readOnnxFile}, but for what is wrong with weights
 */
export async function readOnnxNetwork(path: string): Promise<ImportedNetwork> {
  const limitBytes = MAX_MODEL_BYTES;
  return withFile(path, { limitBytes }, async (file) => {
    try {
      const model = importModelProto(fillHollow(await readHollowModel(file)), {});
      const { weights, ...network } = withSource(model, basename(path));
      return network;
    } catch (cause) {
      throw nameFile(cause, path);
    }
  });
}

/**
 * Says what any ONNX file takes and gives, and what it carries of our metadata. Of a large one some kilobytes are read.
 *
 * @throws AlexNetError as {@link readFileBytes} and `readOnnxMetadata`; the message starts with the path
 */
export async function readOnnxFileMetadata(path: string): Promise<OnnxMetadata> {
  const limitBytes = MAX_MODEL_BYTES;
  return withFile(path, { limitBytes }, async (file) => {
    try {
      return await scanOnnxMetadata(file);
    } catch (cause) {
      throw nameFile(cause, path);
    }
  });
}

/** A foreign file does not say where its weights are from: from itself. */
function withSource(model: ImportedModel, source: string): ImportedModel {
  const { metadata } = model;
  const { provenance } = metadata;
  if (provenance.origin !== 'imported' || provenance.source !== undefined) return model;
  return { ...model, metadata: { ...metadata, provenance: { ...provenance, source } } };
}
