import type { Classifier, Prediction, RawPicture } from '@alexnet/runtime';
import { callWorker } from '../worker-call.ts';
import { coverPatch, mapDrops, type OcclusionMap, planPatches } from './occlusion.ts';
import type { View, ViewRequest } from './view.ts';

/** What covering parts of a picture does to one class. */
export interface Heat {
  readonly view: View;
  readonly map: OcclusionMap;
  /** Name of the class. */
  readonly label: string;
  /** Its probability where nothing is covered. */
  readonly uncovered: number;
}

export interface HeatOptions {
  readonly classifier: Classifier<RawPicture>;
  /** The class, by what the classifier gave. */
  readonly prediction: Prediction;
  readonly signal: AbortSignal;
  /** @param share - of the work that is done, 0 to 1 */
  readonly onProgress: (share: number) => void;
}

/** Pictures per run: few enough to stop soon. */
const BATCH_SIZE = 16;

/** Classifies the picture with a patch at each of its places. */
export async function measureHeat(
  source: ViewRequest['source'],
  { classifier, prediction: { index, label }, signal, onProgress }: HeatOptions,
): Promise<Heat> {
  const { preprocessing, classes } = classifier.info;
  const view = await openView({ source, preprocessing }, signal);
  const patches = planPatches(view.window);
  const pictures = [view.picture, ...patches.map((patch) => coverPatch(view.picture, patch))];
  const answers = await classifier.classifyBatch(pictures, {
    topK: classes,
    batchSize: BATCH_SIZE,
    signal,
    onResults: (results, first) => onProgress((first + results.length) / pictures.length),
  });
  const [uncovered = 0, ...covered] = answers.map(
    (predictions) => predictions.find((found) => found.index === index)?.probability ?? 0,
  );
  const drops = covered.map((probability) => uncovered - probability);
  return { view, map: mapDrops(view.window, patches, drops), label, uncovered };
}

/** In a worker: a photograph of many megapixels takes a while. */
function openView(request: ViewRequest, signal: AbortSignal): Promise<View> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return callWorker(worker, { message: request, signal });
}
