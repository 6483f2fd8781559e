import type { ModelFacts } from '@alexnet/runtime';
import pLimit from 'p-limit';
import type { ExternalData } from '../onnxruntime/ort.ts';
import { type FetchOptions, fetchFile } from './fetch-file.ts';
import type { ProgressSum } from './progress.ts';

/** As many as browsers ask of one server at a time over HTTP/1.1. */
const DOWNLOADS = 6;

export interface BesideOptions extends Pick<FetchOptions, 'useCache' | 'signal'> {
  readonly progress: ProgressSum;
}

/**
 * Fetches the files that a model keeps its weights in, side by side. The model says the SHA-256 of each, so that kept
 * ones are taken without asking the server.
 *
 * @param model - address of the model; their names count from there
 * @throws as `fetchFile`; the other downloads end with the first that fails
 */
export async function fetchFilesBeside(
  model: URL,
  files: ModelFacts['files'],
  { useCache, signal, progress }: BesideOptions,
): Promise<readonly ExternalData[]> {
  const controller = new AbortController();
  const signals = signal ? [signal, controller.signal] : [controller.signal];
  const downloads = pLimit(DOWNLOADS);
  const jobs = files.map(({ name, bytes, sha256 }) => {
    const onBytes = progress.add(bytes);
    return downloads(async () => {
      const file = await fetchFile(new URL(encodeURIComponent(name), model), {
        sha256,
        expectedBytes: bytes,
        useCache,
        onBytes,
        signal: AbortSignal.any(signals),
      });
      return { path: name, data: file.bytes };
    });
  });
  try {
    return await Promise.all(jobs);
  } catch (error) {
    controller.abort();
    await Promise.allSettled(jobs);
    throw error;
  }
}
