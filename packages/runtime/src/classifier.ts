/// <reference lib="esnext.disposable" preserve="true" />
import { AlexNetError, softmax } from '@alexnet/core';
import type { Picture } from '@alexnet/data';
import { createBatchRunner } from './batch-runner.ts';
import type { ClassifierMetadata } from './metadata.ts';
import type { Session, SessionInfo } from './session.ts';
import { type Prediction, selectTopK } from './top-k.ts';

/** Classes that `classify` gives unless told otherwise; all of them where there are fewer. */
const DEFAULT_TOP_K = 5;
/** Pictures per run unless told otherwise: 20 MB of input at 227 × 227, and near the best rate on CPUs. */
const DEFAULT_BATCH_SIZE = 32;

/** What a model's output holds. */
export type OutputKind = 'logits' | 'probabilities';

export interface ClassifierInfo extends SessionInfo, ClassifierMetadata {
  /** Number of classes. */
  readonly classes: number;
  readonly outputKind: OutputKind;
}

export interface ClassifyOptions {
  /** Number of classes wanted, best first, 1 to all of them; 5 unless given. */
  readonly topK?: number;
}

export interface BatchOptions {
  /** Pictures per run; the next ones are decoded meanwhile. 32 unless given. */
  readonly batchSize?: number;
}

/** Says what pictures show. Calls may overlap: the model runs them one after another. */
export interface Classifier<Source> {
  readonly info: ClassifierInfo;
  /**
   * The most probable classes of one picture, best first.
   *
   * @throws {@link AlexNetError} `INVALID_ARGUMENT` for an impossible `topK` or after `dispose` · what
   *   decoding throws · `NUMERIC` if the model gives NaN
   */
  classify(picture: Source, options?: ClassifyOptions): Promise<Prediction[]>;
  /** {@link Classifier.classify} for many pictures of any sizes, in their order. */
  classifyBatch(
    pictures: readonly Source[],
    options?: ClassifyOptions & BatchOptions,
  ): Promise<Prediction[][]>;
  /**
   * The model's raw outputs, before softmax: [classes] for each picture.
   *
   * @throws {@link AlexNetError} `UNSUPPORTED` if the model gives probabilities
   */
  logits(pictures: readonly Source[], options?: BatchOptions): Promise<Float32Array[]>;
  /** Waits for the calls under way and frees the model; more than once does no harm. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ClassifierOptions<Source> {
  /** The model; the classifier disposes of it. */
  readonly session: Session;
  readonly metadata: ClassifierMetadata;
  /** Turns what the environment calls a picture into pixels. */
  readonly decode: (source: Source) => Promise<Picture>;
  /** `probabilities` if the output is named so, else `logits`; say it where a model's names mislead. */
  readonly outputKind?: OutputKind;
}

/**
 * Makes a classifier of a session: pictures in, classes out. Each runtime package calls this.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` if the session's input is not one of pictures
 */
export function createClassifier<Source>({
  session,
  metadata,
  decode,
  outputKind = session.info.output.name === 'probabilities' ? 'probabilities' : 'logits',
}: ClassifierOptions<Source>): Classifier<Source> {
  const classes = metadata.labels.length;
  const runner = createBatchRunner({
    session,
    classes,
    preprocessing: metadata.preprocessing,
    decode,
  });
  const underWay = new Set<Promise<unknown>>();
  let disposal: Promise<void> | undefined;

  const track = <T>(start: () => Promise<T>): Promise<T> => {
    if (disposal) return Promise.reject(createDisposedError());
    const call = start();
    underWay.add(call);
    const forget = (): boolean => underWay.delete(call);
    call.then(forget, forget);
    return call;
  };
  const classifyBatch: Classifier<Source>['classifyBatch'] = async (pictures, options = {}) => {
    const k = checkTopK(options.topK, classes);
    checkPictures(pictures);
    const rows = await runner.run(pictures, checkBatchSize(options.batchSize));
    return rows.map((row) => {
      const probabilities = outputKind === 'logits' ? softmax(row) : row;
      return selectTopK(probabilities, metadata.labels, k);
    });
  };
  const dispose = (): Promise<void> => {
    disposal ??= Promise.allSettled(underWay).then(() => session.dispose());
    return disposal;
  };
  return {
    info: { ...session.info, ...metadata, classes, outputKind },
    classify: (picture, options) =>
      track(async () => (await classifyBatch([picture], options))[0] ?? []),
    classifyBatch: (pictures, options) => track(() => classifyBatch(pictures, options)),
    logits: (pictures, { batchSize } = {}) =>
      track(async () => {
        if (outputKind === 'probabilities') throw createNoLogitsError(session.info.output.name);
        checkPictures(pictures);
        return runner.run(pictures, checkBatchSize(batchSize));
      }),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function checkPictures(pictures: unknown): void {
  if (Array.isArray(pictures)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `Pictures should be given as a list, not as ${pictures === null ? 'null' : typeof pictures}.`,
    hint: 'Use classify(picture) for one picture, or classifyBatch([picture]).',
    path: ['pictures'],
  });
}

function checkTopK(topK: number | undefined, classes: number): number {
  if (topK === undefined) return Math.min(DEFAULT_TOP_K, classes);
  if (Number.isInteger(topK) && topK >= 1 && topK <= classes) return topK;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `topK is ${topK}, but the model has ${classes} classes.`,
    hint: `Give a whole number from 1 to ${classes}.`,
    path: ['topK'],
  });
}

function checkBatchSize(batchSize: number = DEFAULT_BATCH_SIZE): number {
  if (Number.isSafeInteger(batchSize) && batchSize >= 1) return batchSize;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `batchSize is ${batchSize}.`,
    hint: 'Give a whole number of pictures, 1 or more.',
    path: ['batchSize'],
  });
}

function createDisposedError(): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: 'This classifier was disposed of: its model is no longer in memory.',
    hint: 'Load the model again, or call dispose() later.',
  });
}

function createNoLogitsError(output: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The model gives probabilities ("${output}"); its logits are not to be had.`,
    hint: 'Use classify(), or export the model with the output "logits".',
    path: [output],
  });
}
