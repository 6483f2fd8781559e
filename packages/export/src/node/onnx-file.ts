import { createHash, type Hash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type Model, nameFile } from '@alexnet/core';
import { listExternalFiles } from '../import/external-files.ts';
import type { ExternalFiles } from '../import/initializer.ts';
import { type ImportedModel, type ImportOptions, importOnnx } from '../import-onnx.ts';
import { encodeModelParts, MAX_MODEL_BYTES } from '../proto/codec.ts';
import { type ExportOptions, toOnnx } from '../to-onnx.ts';
import { readFileBytes } from './read-file-bytes.ts';
import { writeFileAtomic } from './write-file-atomic.ts';

export interface WrittenFile {
  /** The path as it was given. */
  readonly file: string;
  readonly bytes: number;
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes a model's ONNX file, whole or not at all, without a second copy of the weights in memory.
 *
 * @throws AlexNetError as {@link toOnnx} and {@link writeFileAtomic}
 *
 * @example
 * await writeOnnxFile('model.onnx', createModel('mini'));
 * // { file: 'model.onnx', bytes: 911925, sha256: '…' }
 */
export async function writeOnnxFile(
  path: string,
  model: Model,
  options: ExportOptions = {},
): Promise<WrittenFile> {
  const parts = encodeModelParts(toOnnx(model, options));
  const hash = createHash('sha256');
  await writeFileAtomic(path, hashSlices(parts, hash));
  const bytes = parts.reduce((total, part) => total + part.length, 0);
  return { file: path, bytes, sha256: hash.digest('hex') };
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

async function readExternalFiles(path: string, bytes: Uint8Array): Promise<ExternalFiles> {
  const files = new Map<string, Uint8Array>();
  let left = MAX_MODEL_BYTES;
  for (const name of listExternalFiles(bytes)) {
    const file = join(dirname(path), name);
    const content = await readFileBytes(file, { limitBytes: left, refusesLinks: true });
    left -= content.length;
    files.set(name, content);
  }
  return files;
}

/** A foreign file does not say where its weights are from: from itself. */
function withSource(model: ImportedModel, source: string): ImportedModel {
  const { metadata } = model;
  const { provenance } = metadata;
  if (provenance.origin !== 'imported' || provenance.source !== undefined) return model;
  return { ...model, metadata: { ...metadata, provenance: { ...provenance, source } } };
}

/** Hashing is synchronous: between slices of this size other work gets its turn. */
const SLICE_BYTES = 2 ** 23;

function* hashSlices(parts: readonly Uint8Array[], hash: Hash): Generator<Uint8Array> {
  for (const part of parts) {
    for (let offset = 0; offset < part.length; offset += SLICE_BYTES) {
      const slice = part.subarray(offset, offset + SLICE_BYTES);
      hash.update(slice);
      yield slice;
    }
  }
}
