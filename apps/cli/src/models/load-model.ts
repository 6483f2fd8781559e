import { stat } from 'node:fs/promises';
import { AlexNetError, type Model } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import { readOnnxFile } from '@alexnet/export/node';
import { type LoadOptions, loadModel as loadRuntimeModel } from '@alexnet/runtime-node';
import { toModel } from '@alexnet/train';
import { isRunFolder, openRunFolder } from '@alexnet/train/node';
import { CATALOGUE } from '@alexnet/weights';
import { formatCount } from '../terminal/format.ts';
import { onMissing } from '../terminal/on-missing.ts';
import { resolveWeightsArgument } from './catalogue-file.ts';
import { isNetworkFile } from './own-network.ts';
import {
  describeAssumptions,
  isLayersModel,
  isOnnx,
  lookForWeightFile,
  readWeightModel,
} from './weight-model.ts';

/** A model and where it was found. */
export interface FoundModel {
  readonly model: Model;
  /** Path of the file that it was read from. */
  readonly file: string;
  /** What a file of another program does not say, and what was assumed in its place. */
  readonly remarks: readonly string[];
}

/**
 * Reads a MODEL argument: an ONNX file of any program, a run folder (its best checkpoint), a checkpoint, or a weight
 * file of another program, for which the folder of a model.json stands as well.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `INVALID_MODEL`, `INVALID_CHECKPOINT`, `UNSUPPORTED`
 */
export async function readModel(argument: string): Promise<FoundModel> {
  const { kind, path } = await locate(argument);
  if (kind === 'run') return readBestOfRun(path);
  if (await isOnnx(path)) {
    const { remarks, ...model } = await readOnnxFile(path);
    return { model, file: path, remarks: [...remarks, ...describeNoNumbers(model)] };
  }
  const { model, report } = await readWeightModel(path);
  const assumptions = describeAssumptions(report);
  return { model, file: path, remarks: [...assumptions, ...describeNoNumbers(model)] };
}

/** Weights that are no numbers: the classes of every picture may be wrong. */
function describeNoNumbers({ weights }: Pick<Model, 'weights'>): readonly string[] {
  return [...weights].flatMap(([name, { data }]) => {
    let lost = 0;
    for (const value of data) if (!Number.isFinite(value)) lost += 1;
    return lost === 0
      ? []
      : [
          `${formatCount(lost)} of the ${formatCount(data.length)} values of ${name} are NaN or infinite.`,
        ];
  });
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
  return { model: toModel(best.checkpoint), file: best.file, remarks: [] };
}

/**
 * A MODEL argument, ready to classify. ONNX files of other programs work if they describe themselves.
 *
 * @param onRemark - told what a file of another program does not say, and what was assumed in its place
 */
export async function loadClassifier(
  argument: string,
  options: LoadOptions,
  onRemark: (remark: string) => void,
): ReturnType<typeof loadRuntimeModel> {
  const path = await resolveWeightsArgument(argument);
  if (await isOnnxFile(path)) return loadRuntimeModel(path, options);
  const { model, remarks } = await readModel(path);
  for (const remark of remarks) onRemark(remark);
  return loadRuntimeModel(exportOnnx(model), options);
}

/** Whether a MODEL argument is an ONNX file. @throws `NOT_FOUND` */
export async function isOnnxFile(argument: string): Promise<boolean> {
  const { kind, path } = await locate(argument);
  return kind === 'file' && isOnnx(path);
}

/** The file or the run that a MODEL argument means. @throws `NOT_FOUND`, `INVALID_MODEL` for a bare network */
async function locate(
  argument: string,
): Promise<{ readonly kind: 'file' | 'run'; readonly path: string }> {
  const path = await resolveWeightsArgument(argument);
  const file = (await isRunFolder(path)) ? null : await lookForWeightFile(path);
  if (file === null) {
    if (await stat(path).catch(onMissing(null))) return { kind: 'run', path };
    throw new AlexNetError('NOT_FOUND', {
      message: `There is nothing at ${path}.`,
      hint: `MODEL is an ONNX file, a run folder, a checkpoint (.safetensors), a weight file of another program, or published weights: ${CATALOGUE.map(({ id }) => id).join(', ')}.`,
    });
  }
  if (isNetworkFile(file) && !(await isLayersModel(file))) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${path} is a network without weights, not a MODEL.`,
      hint: `Train it first: alexnet train DATA --network ${path}`,
    });
  }
  return { kind: 'file', path: file };
}
