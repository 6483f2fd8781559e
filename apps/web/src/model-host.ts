import type { Classifier, MetadataOverrides } from '@alexnet/runtime';
import { createLatest } from './latest.ts';
import type { ModelSource } from './model-source.ts';

export type DeviceChoice = 'auto' | 'wasm' | 'webgpu';

/** What somebody chose to run. */
export interface ModelRequest extends MetadataOverrides {
  readonly source: ModelSource;
  readonly device: DeviceChoice;
}

export interface OpenOptions {
  /** All layers become outputs. */
  readonly features?: 'all';
  readonly signal: AbortSignal;
  /** @param share - of the download, 0 to 1; `null` where its length is not known */
  readonly onProgress: (share: number | null) => void;
}

export type OpenModel<Picture> = (
  request: ModelRequest,
  options: OpenOptions,
) => Promise<Classifier<Picture>>;

export interface HostedModel<Picture> {
  readonly request: ModelRequest;
  readonly classifier: Classifier<Picture>;
}

/** Keeps one model ready, and a second copy that also gives its layers, once that is asked for. */
export interface ModelHost<Picture> {
  readonly current: HostedModel<Picture> | null;
  /**
   * Opens another model. The present one stays until the new one is ready, and where that fails.
   *
   * @returns `null` if a later call came first
   * @throws what opening throws
   */
  open(
    request: ModelRequest,
    onProgress: OpenOptions['onProgress'],
  ): Promise<HostedModel<Picture> | null>;
  /**
   * The present model with all its layers as outputs. That is slower, so it is not what classifies.
   *
   * @returns `null` if there is no model, or another one came first
   */
  openLayers(): Promise<Classifier<Picture> | null>;
}

/** @param openModel - loads a model; the host disposes of what it gives */
export function createModelHost<Picture>(openModel: OpenModel<Picture>): ModelHost<Picture> {
  const opening = createLatest();
  const openingLayers = createLatest();
  let current: HostedModel<Picture> | null = null;
  let layers: Promise<Classifier<Picture> | null> | null = null;

  const openOrDispose: OpenModel<Picture> = async (request, options) => {
    const classifier = await openModel(request, options);
    if (options.signal.aborted) await classifier.dispose();
    return classifier;
  };
  const closeLayers = async (): Promise<void> => {
    openingLayers.stop();
    const closing = layers;
    layers = null;
    await closing?.then(
      (classifier) => classifier?.dispose(),
      // Whoever asked for the layers was told.
      () => {},
    );
  };
  return {
    get current() {
      return current;
    },
    async open(request, onProgress) {
      const classifier = await opening.run((signal) =>
        openOrDispose(request, { signal, onProgress }),
      );
      if (classifier === null) return null;
      const previous = current;
      current = { request, classifier };
      const opened = current;
      await closeLayers();
      await previous?.classifier.dispose();
      return opened;
    },
    openLayers() {
      if (!current) return Promise.resolve(null);
      const { request } = current;
      layers ??= openingLayers
        .run((signal) => openOrDispose(request, { features: 'all', signal, onProgress: () => {} }))
        .catch((error: unknown) => {
          // The next call tries anew.
          layers = null;
          throw error;
        });
      return layers;
    },
  };
}
