import { createHash } from 'node:crypto';
import { isAlexNetError, messageOf } from '@alexnet/core';
import pLimit from 'p-limit';
import type { Dataset } from '../../dataset/dataset.ts';
import { type NodePictureFormat, readPictureInfo } from '../formats/picture-info.ts';

/** A picture of a part of a data set. */
export interface PictureReference {
  readonly part: string;
  readonly name: string;
  readonly label: string;
}

/** What was found of a picture that can be decoded. */
export interface PictureFacts extends PictureReference {
  readonly width: number;
  readonly height: number;
  /** Where the picture is a file. */
  readonly format: NodePictureFormat | null;
  /** Of its pixels; two pictures with the same one look the same. */
  readonly pixelHash: string;
  /** Of its file's bytes. */
  readonly fileHash: string | null;
}

export interface PictureFault extends PictureReference {
  readonly reason: string;
}

export interface Examination {
  readonly facts: readonly PictureFacts[];
  readonly faults: readonly PictureFault[];
}

export interface ExaminationOptions {
  /** Pictures looked at so far, of all parts. */
  readonly onProgress?: (pictures: number) => void;
  readonly signal?: AbortSignal;
}

/** Pictures decoded at a time. */
const PARALLEL = 8;
/** Asked for at a time, so that a million do not wait in memory. */
const CHUNK = 256;

/**
 * Reads and decodes every picture of some data sets.
 *
 * @throws AlexNetError whatever is no fault of one picture
 */
export async function examinePictures(
  parts: ReadonlyMap<string, Dataset>,
  { onProgress, signal }: ExaminationOptions,
): Promise<Examination> {
  const facts: PictureFacts[] = [];
  const faults: PictureFault[] = [];
  const limit = pLimit(PARALLEL);
  for (const [part, dataset] of parts) {
    for (let start = 0; start < dataset.length; start += CHUNK) {
      signal?.throwIfAborted();
      const indices = Array.from(
        { length: Math.min(CHUNK, dataset.length - start) },
        (_, i) => start + i,
      );
      const found = await Promise.all(
        indices.map((index) => limit(() => examine(dataset, part, index))),
      );
      for (const each of found) {
        if ('reason' in each) faults.push(each);
        else facts.push(each);
      }
      onProgress?.(facts.length + faults.length);
    }
  }
  return { facts, faults };
}

async function examine(
  dataset: Dataset,
  part: string,
  index: number,
): Promise<PictureFacts | PictureFault> {
  const name = dataset.nameOf(index);
  const label = dataset.labels[dataset.labelOf(index)] ?? `${dataset.labelOf(index)}`;
  const reference = { part, name, label };
  try {
    const file = await dataset.readFile?.(index);
    const info = file && (await readPictureInfo(file, name));
    const { width, height, channels, pixels } = await dataset.readPicture(index);
    const shape = `${width} ${height} ${channels} `;
    return {
      ...reference,
      width,
      height,
      format: info?.format ?? null,
      pixelHash: createHash('sha256').update(shape).update(pixels).digest('base64'),
      fileHash: file ? createHash('sha256').update(file).digest('base64') : null,
    };
  } catch (error) {
    if (isAlexNetError(error) && error.code === 'MISSING_DEPENDENCY') throw error;
    return { ...reference, reason: messageOf(error) };
  }
}
