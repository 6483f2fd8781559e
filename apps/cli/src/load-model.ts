import { stat } from 'node:fs/promises';
import { AlexNetError, type Model } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import { readOnnxFile } from '@alexnet/export/node';
import { type LoadOptions, loadModel as loadRuntimeModel } from '@alexnet/runtime-node';
import { toModel } from '@alexnet/train';
import { openRunFolder, readCheckpointFile } from '@alexnet/train/node';
import { onMissing } from './on-missing.ts';
import { resolvePath } from './resolve-path.ts';

const CHECKPOINT_SUFFIX = '.safetensors';

/** A model and where it was found. */
export interface FoundModel {
  readonly model: Model;
  /** Path of the ONNX file or the checkpoint. */
  readonly file: string;
}

/**
 * Reads a MODEL argument: an ONNX file that we wrote, a run folder (its best checkpoint) or a checkpoint.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `INVALID_MODEL`, `INVALID_CHECKPOINT`
 */
export async function readModel(argument: string): Promise<FoundModel> {
  const path = resolvePath(argument);
  if ((await kindOf(path)) === 'folder') return readBestOfRun(path);
  const model = path.endsWith(CHECKPOINT_SUFFIX)
    ? toModel(await readCheckpointFile(path))
    : await readOnnxFile(path);
  return { model, file: path };
}

/** The best checkpoint of a run. @throws `NOT_FOUND` */
export async function readBestOfRun(path: string): Promise<FoundModel> {
  const run = await openRunFolder(path);
  const best = await run.readCheckpoint('best');
  if (!best) {
    throw new AlexNetError('NOT_FOUND', {
      message: `The run in ${path} has no checkpoint yet.`,
      hint: `The first one comes at the end of the first epoch. Go on with: alexnet train --resume ${path}`,
    });
  }
  return { model: toModel(best.checkpoint), file: best.file };
}

/** A MODEL argument, ready to classify. ONNX files of other programs work if they describe themselves. */
export async function loadClassifier(
  argument: string,
  options: LoadOptions,
): ReturnType<typeof loadRuntimeModel> {
  if (await isOnnxFile(argument)) return loadRuntimeModel(resolvePath(argument), options);
  const { model } = await readModel(argument);
  return loadRuntimeModel(exportOnnx(model), options);
}

/** Whether a MODEL argument is neither a run folder nor a checkpoint. @throws `NOT_FOUND` */
export async function isOnnxFile(argument: string): Promise<boolean> {
  const path = resolvePath(argument);
  return (await kindOf(path)) === 'file' && !path.endsWith(CHECKPOINT_SUFFIX);
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  const found = await stat(path).catch(onMissing(null));
  if (!found) {
    throw new AlexNetError('NOT_FOUND', {
      message: `There is nothing at ${path}.`,
      hint: 'MODEL is an ONNX file, a run folder or a checkpoint (.safetensors).',
    });
  }
  return found.isDirectory() ? 'folder' : 'file';
}
