import type { Classifier, FeatureChoice, MetadataOverrides, OutputKind } from '@alexnet/runtime';
import type { DeviceChoice } from './device/list-devices.ts';
import type { ModelSource } from './model-file.ts';
import { openClassifier } from './open-classifier.ts';
import { type PictureSource, readPicture } from './picture-source.ts';
import { startWorkerClassifier } from './worker/start-worker.ts';

export interface LoadOptions extends MetadataOverrides {
  /**
   * Where it runs: `auto` (the default) takes CUDA where it is installed and works, else the CPU, and
   * says why in `info.deviceReason`. A device given by name is taken or refused, never replaced.
   */
  readonly device?: DeviceChoice;
  /** Names of the classes, instead of those in the file. */
  readonly labels?: readonly string[];
  /** How pictures become the model's input, instead of what the file says. */
  readonly preprocessing?: NonNullable<MetadataOverrides['preprocessing']>;
  /** Threads on the CPU; onnxruntime takes one per core unless given. */
  readonly threads?: number;
  /** What the output holds, where neither its name nor the operator that makes it says so. */
  readonly outputKind?: OutputKind;
  /** Layers that `features()` will be asked for, by their names in the file; its outputs need no naming. */
  readonly features?: FeatureChoice;
  /** What the file's SHA-256 has to be, in hexadecimal. */
  readonly sha256?: string;
  /** Ends the loading. */
  readonly signal?: AbortSignal;
  /**
   * `true` keeps the model in a thread of its own, so that this one stays free while a batch runs: what a
   * server needs. Where a bundler put the worker's file elsewhere, its path or address.
   */
  readonly worker?: boolean | string | URL;
}

/**
 * Loads a model and makes a classifier of it. Labels and preprocessing come out of the file.
 *
 * @param source - path, `file:` or `http(s):` address, Blob or bytes of an ONNX file; bytes may be let go of
 *   afterwards
 * @throws {@link AlexNetError} `NOT_FOUND`, `IO` · `INVALID_MODEL`: not ONNX, cut short, not a classifier
 *   of pictures, or without labels and preprocessing · `SHAPE_MISMATCH`, `INVALID_ARGUMENT` where the
 *   options do not fit the model · `DEVICE_UNAVAILABLE`, `MISSING_DEPENDENCY` with the remedy
 *
 * @example
 * const model = await loadModel('model.onnx');
 * const [best] = await model.classify('photo.jpg', { topK: 5 });
 * console.log(best); // { index: 1, label: 'tulip', probability: 0.93 }
 * await model.dispose();
 */
export async function loadModel(
  source: ModelSource,
  { worker = false, ...options }: LoadOptions = {},
): Promise<Classifier<PictureSource>> {
  options.signal?.throwIfAborted();
  return worker === false
    ? openClassifier(source, { ...options, decode: readPicture })
    : startWorkerClassifier(source, { ...options, worker });
}
