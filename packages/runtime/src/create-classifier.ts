import { AlexNetError, softmax, type Tensor } from '@alexnet/core';
import type { Picture } from '@alexnet/data';
import { type BatchCall, createBatchRunner } from './batch-runner.ts';
import { createCallTracker } from './call-tracker.ts';
import {
  checkBatchSize,
  checkCrops,
  checkOutputKind,
  checkPictures,
  checkTopK,
} from './check-options.ts';
import { averageRows, splitRows } from './class-rows.ts';
import type {
  BatchOptions,
  Classifier,
  ClassifierInfo,
  CropOptions,
  OutputKind,
} from './classifier.ts';
import type { ClassifierMetadata } from './metadata.ts';
import type { Session } from './session.ts';
import { selectTopK } from './top-k.ts';

export interface ClassifierOptions<Source> {
  /** The model; the classifier disposes of it. */
  readonly session: Session;
  readonly metadata: ClassifierMetadata;
  /** Turns what the environment calls a picture into pixels. */
  readonly decode: (source: Source) => Promise<Picture>;
  /** `probabilities` if the output is named so, else `logits`; say it where a model's names mislead. */
  readonly outputKind?: OutputKind;
  /** SHA-256 of the model file in hexadecimal, for `info`. */
  readonly sha256?: string;
}

/**
 * Makes a classifier of a session: pictures in, classes out. Each runtime package calls this.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` if the session's input is not one of pictures, `INVALID_ARGUMENT`
 */
export function createClassifier<Source>(options: ClassifierOptions<Source>): Classifier<Source> {
  const { session, metadata, decode } = options;
  const info = describeClassifier(options);
  const runner = createBatchRunner({ session, preprocessing: metadata.preprocessing, decode });
  const calls = createCallTracker();

  const classifyBatch: Classifier<Source>['classifyBatch'] = async (pictures, given = {}) => {
    const k = checkTopK(given.topK, info.classes);
    checkPictures(pictures);
    return runner.run(pictures, {
      ...toBatchCall(given),
      output: info.output.name,
      finish: (tensor, index) => {
        const rows = splitRows(tensor, { classes: info.classes, picture: index });
        const shares = info.outputKind === 'logits' ? rows.map(softmax) : rows;
        return selectTopK(averageRows(shares), info.labels, k);
      },
    });
  };
  const logits: Classifier<Source>['logits'] = async (pictures, given = {}) => {
    if (info.outputKind === 'probabilities') throw createNoLogitsError(info.output.name);
    checkPictures(pictures);
    return runner.run(pictures, {
      ...toBatchCall(given),
      output: info.output.name,
      finish: (tensor, index) =>
        Float32Array.from(
          averageRows(splitRows(tensor, { classes: info.classes, picture: index })),
        ),
    });
  };
  const features: Classifier<Source>['features'] = async (layer, pictures, given = {}) => {
    checkLayer(layer, info.layers);
    checkPictures(pictures);
    const finish = ({ shape, data }: Tensor): Tensor => ({ shape: shape.slice(1), data });
    return runner.run(pictures, { ...toBatchCall(given), output: layer, finish });
  };
  const dispose = (): Promise<void> => calls.close(() => session.dispose());
  return {
    info,
    classify: (picture, given) =>
      calls.track(async () => (await classifyBatch([picture], given))[0] ?? [], given?.signal),
    classifyBatch: (pictures, given) =>
      calls.track(() => classifyBatch(pictures, given), given?.signal),
    logits: (pictures, given) => calls.track(() => logits(pictures, given), given?.signal),
    features: (layer, pictures, given) =>
      calls.track(() => features(layer, pictures, given), given?.signal),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function describeClassifier<Source>({
  session,
  metadata,
  outputKind = session.info.output.name === 'probabilities' ? 'probabilities' : 'logits',
  sha256,
}: ClassifierOptions<Source>): ClassifierInfo {
  return {
    ...session.info,
    ...metadata,
    classes: metadata.labels.length,
    outputKind: checkOutputKind(outputKind),
    layers: session.info.outputs.map(({ name }) => name),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

/** What a call says of its runs, checked. */
function toBatchCall<Result>({
  batchSize,
  crops,
  signal,
  onResults,
}: BatchOptions<Result> & CropOptions): Omit<BatchCall<Result>, 'output' | 'finish'> {
  return {
    batchSize: checkBatchSize(batchSize),
    crops: checkCrops(crops),
    ...(signal ? { signal } : {}),
    ...(onResults ? { onResults } : {}),
  };
}

function checkLayer(layer: string, layers: readonly string[]): void {
  if (layers.includes(layer)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The model was not loaded with the layer "${layer}".`,
    hint: `It gives: ${layers.join(', ')}. Others are declared when it is loaded: loadModel(…, { features: ['${layer}'] })`,
    path: ['layer'],
  });
}

function createNoLogitsError(output: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The model gives probabilities ("${output}"); its logits are not to be had.`,
    hint: 'Use classify(), or export the model with the output "logits".',
    path: [output],
  });
}
