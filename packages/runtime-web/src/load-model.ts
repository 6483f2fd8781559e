import type { FeatureChoice, MetadataOverrides } from '@alexnet/runtime';
import { loadClassifier, type ModelOptions, type WebClassifier } from './load-classifier.ts';
import type { OnProgress } from './model-files/progress.ts';
import type { ModelSource } from './model-files/read-model.ts';
import type { DeviceChoice } from './onnxruntime/open-session.ts';
import { type PictureSource, readPicture } from './pictures/picture-source.ts';
import { startWorkerClassifier } from './start-worker.ts';

export interface LoadOptions extends ModelOptions {
  /**
   * Where it runs: `auto` (the default) takes WebGPU where there is an adapter that gives the same as WASM, else WASM,
   * and says why in `info.deviceReason`. A device given by name is taken or refused, never replaced.
   */
  readonly device?: DeviceChoice;
  /**
   * Threads of WASM at most: one per core unless given, up to four. The first model of a page decides for all. One
   * on pages that are not cross-origin isolated; `info.threads` has what it is.
   */
  readonly threads?: number;
  /** SHA-256 of the model in hexadecimal: checked, and with it a cached model is taken without asking the server. */
  readonly sha256?: string;
  /** Whether fetched models are kept in the browser's cache; `true` unless given. */
  readonly cache?: boolean;
  /** Called while the model is fetched. */
  readonly onProgress?: OnProgress;
  /** Folder of onnxruntime's `.wasm` files, where they are not found by themselves. */
  readonly wasmPaths?: string | URL;
  /** Names of the classes, instead of those in the file. */
  readonly labels?: readonly string[];
  /** How pictures become the model's input, instead of what the file says. */
  readonly preprocessing?: NonNullable<MetadataOverrides['preprocessing']>;
  /** What the output holds, where neither its name nor the operator that makes it says so. */
  readonly outputKind?: NonNullable<ModelOptions['outputKind']>;
  /** Layers that `features()` will be asked for, by their names in the file; its outputs need no naming. */
  readonly features?: FeatureChoice;
  /**
   * `true` keeps the model in a worker, so that the page stays responsive while it loads and runs. Where a bundler put
   * the worker's script elsewhere, its address.
   */
  readonly worker?: boolean | string | URL;
  /** Ends the loading, which rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Loads a model and makes a classifier of it. Labels and preprocessing come out of the file.
 *
 * @param source - address of an ONNX file, relative to the page; a `File` or `Blob`; or its bytes
 * @throws {@link AlexNetError} `NOT_FOUND`, `IO` · `INVALID_MODEL`: not ONNX, cut short, altered, not a classifier of
 *   pictures, or without labels and preprocessing · `SHAPE_MISMATCH`, `INVALID_ARGUMENT` where the options do not fit
 *   the model · `DEVICE_UNAVAILABLE`, `MISSING_DEPENDENCY` with the remedy
 *
 * @example
 * const model = await loadModel('model.onnx', { onProgress: ({ loadedBytes }) => console.log(loadedBytes) });
 * const [best] = await model.classify(input.files[0]);
 * console.log(best); // { index: 4, label: 'tulips', probability: 0.98 }
 * await model.dispose();
 */
export async function loadModel(
  source: ModelSource,
  { worker = false, onProgress, signal, ...options }: LoadOptions = {},
): Promise<WebClassifier<PictureSource>> {
  signal?.throwIfAborted();
  if (worker !== false) {
    return startWorkerClassifier(source, { ...options, worker, onProgress, signal });
  }
  return loadClassifier(source, options, { decode: readPicture, onProgress, signal });
}
