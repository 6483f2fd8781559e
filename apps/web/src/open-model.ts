import { loadModel, type PictureSource } from '@alexnet/runtime-web';
import type { OpenModel } from './model-host.ts';

/** Opens models in a worker of their own, so that the page goes on answering. */
export const openModel: OpenModel<PictureSource> = (
  { source, device, labels, preprocessing },
  { features, signal, onProgress },
) =>
  loadModel(source.from, {
    device,
    worker: true,
    signal,
    onProgress: ({ loadedBytes, totalBytes }) =>
      onProgress(totalBytes ? loadedBytes / totalBytes : null),
    ...(features ? { features } : {}),
    ...(labels ? { labels } : {}),
    ...(preprocessing ? { preprocessing } : {}),
  });
