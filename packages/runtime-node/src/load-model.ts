import type { Classifier } from '@alexnet/runtime';
import type { LoadOptions } from './load-options.ts';
import type { ModelSource } from './model-file.ts';
import { openClassifier } from './open-classifier.ts';
import { type PictureSource, readPicture } from './picture-source.ts';
import { startWorkerClassifier } from './worker/start-worker.ts';

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
