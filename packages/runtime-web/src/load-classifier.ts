import type { Picture } from '@alexnet/data';
import {
  type Classifier,
  type ClassifierInfo,
  createClassifier,
  declareFeatures,
  type FeatureChoice,
  inferOutputKind,
  type MetadataOverrides,
  type OutputKind,
  resolveMetadata,
} from '@alexnet/runtime';
import type { OnProgress } from './model-files/progress.ts';
import { type Download, type ModelSource, readModel } from './model-files/read-model.ts';
import { type DeviceChoice, openSession } from './onnxruntime/open-session.ts';

/** What decides about a model, wherever it is loaded; it can be posted to a worker. */
export interface ModelOptions extends MetadataOverrides {
  readonly device?: DeviceChoice;
  readonly threads?: number;
  readonly sha256?: string;
  readonly cache?: boolean;
  readonly wasmPaths?: string | URL;
  readonly outputKind?: OutputKind;
  readonly features?: FeatureChoice;
}

export interface LoadContext<Source> {
  /** Turns what is called a picture here into pixels. */
  readonly decode: (source: Source) => Promise<Picture>;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WebClassifierInfo extends ClassifierInfo {
  /** Where the model came from; `null` if it was not fetched. */
  readonly download: Download | null;
}

/** A {@link Classifier} whose `info` also says where the model came from. */
export interface WebClassifier<Source> extends Classifier<Source> {
  readonly info: WebClassifierInfo;
}

/**
 * Loads a model and makes a classifier of it, in this thread.
 *
 * @throws as `loadModel`
 */
export async function loadClassifier<Source>(
  source: ModelSource,
  options: ModelOptions,
  { decode, onProgress, signal }: LoadContext<Source>,
): Promise<WebClassifier<Source>> {
  const { device = 'auto', threads, wasmPaths, sha256, cache = true } = options;
  const model = await readModel(source, { sha256, useCache: cache, onProgress, signal });
  signal?.throwIfAborted();
  const bytes = declareFeatures(model.bytes, options.features);
  const preprocessing = options.preprocessing ?? model.metadata.preprocessing;
  const session = await openSession(
    { ...model, bytes },
    { device, threads, wasmPaths, preprocessing },
  );
  try {
    signal?.throwIfAborted();
    const { name, download } = model;
    const { input, output } = session.info;
    const classifier = createClassifier<Source>({
      session,
      metadata: resolveMetadata(model, { name, input, output, overrides: options }),
      decode,
      outputKind: options.outputKind ?? inferOutputKind(bytes, output.name),
      ...(model.sha256 === null ? {} : { sha256: model.sha256 }),
    });
    return { ...classifier, info: { ...classifier.info, download } };
  } catch (error) {
    await session.dispose();
    throw error;
  }
}
