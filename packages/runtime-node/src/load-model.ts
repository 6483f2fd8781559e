import { nameFile } from '@alexnet/core';
import {
  type Classifier,
  createClassifier,
  type MetadataOverrides,
  type OnnxMetadata,
  type OutputKind,
  readOnnxMetadata,
  resolveMetadata,
} from '@alexnet/runtime';
import type { DeviceChoice } from './device.ts';
import { type PictureSource, readPicture } from './picture-source.ts';
import { readModelFile } from './read-model-file.ts';
import { openSession } from './session.ts';

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
  /** What the output holds, where its name does not say: a model of others may end in a softmax. */
  readonly outputKind?: OutputKind;
}

/**
 * Loads a model and makes a classifier of it. Labels and preprocessing come out of the file.
 *
 * @param source - path or `file:` URL of an ONNX file, or its bytes; bytes may be let go of afterwards
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
  source: string | URL | Uint8Array,
  { device = 'auto', threads, outputKind, ...overrides }: LoadOptions = {},
): Promise<Classifier<PictureSource>> {
  const { name, bytes } = await readModelFile(source);
  const { metadata: fileMetadata, precision } = readMetadata(bytes, name);
  const session = await openSession(bytes, {
    name,
    device,
    precision,
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    const { input, output } = session.info;
    const metadata = resolveMetadata(fileMetadata, { name, input, output, overrides });
    return createClassifier({
      session,
      metadata,
      decode: readPicture,
      ...(outputKind ? { outputKind } : {}),
    });
  } catch (error) {
    await session.dispose();
    throw error;
  }
}

/** What the file says of itself; its errors name the file. */
function readMetadata(bytes: Uint8Array, name: string): OnnxMetadata {
  try {
    return readOnnxMetadata(bytes);
  } catch (error) {
    throw nameFile(error, name);
  }
}
