import { open, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AlexNetError, type Model, nameFile, suggestName } from '@alexnet/core';
import {
  CATALOGUE,
  type ImportReport,
  type ImportWeightsOptions,
  importWeights,
  isOnnxStart,
  type ReadWeightsOptions,
  readWeights,
} from '@alexnet/weights';
import { openWeightSource } from '@alexnet/weights/node';
import { onMissing } from '../terminal/on-missing.ts';

/** Suffixes that say what a file is; what it really is, its first bytes say. */
const ONNX_SUFFIX = /\.onnx$/i;
const OTHER_SUFFIX =
  /\.(?:safetensors|pth?|npy|npz|caffemodel|binaryproto|prototxt|h5|hdf5|keras|json|index)$/i;
/** Enough of a file to see that a model's graph begins. */
const START_BYTES = 2 ** 16;

/** Whether a file is ONNX, or said to be. @throws what reading throws */
export async function isOnnx(path: string): Promise<boolean> {
  if (OTHER_SUFFIX.test(path)) return false;
  return ONNX_SUFFIX.test(path) || isOnnxStart(await readStart(path));
}

async function readStart(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const bytes = new Uint8Array(START_BYTES);
    const { bytesRead } = await handle.read(bytes, 0, START_BYTES, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Descriptions of networks are small. */
const MAX_JSON_BYTES = 2 ** 26;

/** Whether a .json file is a model of TensorFlow.js, and no network of somebody's own. */
export async function isLayersModel(path: string): Promise<boolean> {
  const found = await stat(path).catch(onMissing(null));
  if (!found?.isFile() || found.size > MAX_JSON_BYTES) return false;
  return (await readFile(path, 'utf8')).includes('"weightsManifest"');
}

/** Names that published weights go by. */
const PUBLISHED: readonly string[] = CATALOGUE.flatMap(({ id, aliases }) => [id, ...aliases]);

/** Files by which folders and prefixes are known: TensorFlow.js's, a checkpoint's. */
const FOLDER_FILES: readonly string[] = ['model.json', 'model.safetensors', 'pytorch_model.bin'];

/**
 * The file that a path to weights means: itself, the one in a folder that says what is in the others, or the index of
 * a TensorFlow checkpoint, which people call by the name without it.
 *
 * @returns `null` for nothing, and for a folder of other things
 */
export async function lookForWeightFile(path: string): Promise<string | null> {
  const found = await stat(path).catch(onMissing(null));
  if (found && !found.isDirectory()) return path;
  const names = found ? FOLDER_FILES.map((name) => join(path, name)) : [`${path}.index`];
  for (const name of names) {
    if (await stat(name).catch(onMissing(null))) return name;
  }
  return null;
}

/**
 * The file that {@link lookForWeightFile} finds.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `INVALID_ARGUMENT` for a folder of other things
 */
export async function findWeightFile(path: string): Promise<string> {
  const file = await lookForWeightFile(path);
  if (file !== null) return file;
  if (!(await stat(path).catch(onMissing(null)))) {
    throw new AlexNetError('NOT_FOUND', {
      message: `There is nothing at ${path}.${suggestName(basename(path), PUBLISHED)}`,
      hint: 'Give a weight file, or the name of published weights: alexnet weights list',
      path: [path],
    });
  }
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${path} is a folder without ${FOLDER_FILES.join(' or ')}.`,
    hint: 'Give the weight file in it. A run is a MODEL already: alexnet export model.onnx --from RUN',
    path: [path],
  });
}

export interface WeightModelOptions {
  readonly reading?: ReadWeightsOptions;
  readonly placing?: ImportWeightsOptions;
}

/**
 * Makes a model of a weight file of any program.
 *
 * @throws what reading and importing throw, the message naming the file
 */
export async function readWeightModel(
  path: string,
  { reading, placing }: WeightModelOptions = {},
): Promise<{ readonly model: Model; readonly report: ImportReport }> {
  const source = await openWeightSource(path);
  const file = await readWeights(source, reading);
  try {
    return importWeights(file, { source: source.name, ...placing });
  } catch (error) {
    throw isNamed(error, source.name) ? error : nameFile(error, source.name);
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.message.startsWith(name);
}

/** What a person has to know who uses the model; what the file told by itself is no news. */
export function describeAssumptions({
  conventions,
  skipped,
  notes,
}: ImportReport): readonly string[] {
  return [...conventions.map((line) => `Assumed: ${line}`), ...skipped, ...notes];
}
