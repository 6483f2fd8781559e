import type { Parcel } from '@alexnet/runtime';
import type { LoadOptions } from '../load-options.ts';
import type { ModelSource } from '../model-file.ts';
import type { PictureSource } from '../picture-source.ts';

/** What can be said to a worker of `loadModel`'s options. */
export type WorkerLoadOptions = Omit<LoadOptions, 'worker' | 'signal'>;

/** What the worker is asked to load. */
export interface LoadRequest {
  readonly source: string | Uint8Array;
  readonly options: WorkerLoadOptions;
}

/** Bytes are copied: they stay the caller's. */
export async function packRequest(
  source: ModelSource,
  options: WorkerLoadOptions,
): Promise<Parcel> {
  if (!(source instanceof Blob)) {
    const value = { source: source instanceof URL ? source.href : source, options };
    return { value: value satisfies LoadRequest };
  }
  const bytes = new Uint8Array(await source.arrayBuffer());
  return { value: { source: bytes, options } satisfies LoadRequest, transfer: [bytes.buffer] };
}

/** A picture as it crosses to the worker, which reads and decodes it. */
export async function packPicture(picture: PictureSource): Promise<Parcel> {
  if (picture instanceof URL) return { value: picture.href };
  if (!(picture instanceof Blob)) return { value: picture };
  // Not as it is: Node 20 turns a File into an empty object on its way to another thread.
  const bytes = new Uint8Array(await picture.arrayBuffer());
  return { value: bytes, transfer: [bytes.buffer] };
}
