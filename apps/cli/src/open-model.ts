import { AlexNetError } from '@alexnet/core';
import { exportOnnx, readOnnxMetadata } from '@alexnet/export';
import { readFileBytes } from '@alexnet/export/node';
import { type ClassifierMetadata, outputOf, resolveMetadata, type Session } from '@alexnet/runtime';
import { type DeviceChoice, openSession } from '@alexnet/runtime-node';
import { resolveWeightsArgument } from './catalogue-file.ts';
import { isOnnxFile, readModel } from './load-model.ts';

/** A MODEL argument on a device, fed with tensors: for what looks at a model from outside. */
export interface OpenModel {
  readonly session: Session;
  readonly metadata: ClassifierMetadata;
  readonly preset: string | null;
  /** Scores [count, classes] of preprocessed pictures; logarithms, where the model gives probabilities. */
  forward(images: Float32Array, count: number): Promise<Float32Array>;
}

/** @throws what reading and opening throw; `INVALID_MODEL` for one without labels or preprocessing */
export async function openModel(argument: string, device: DeviceChoice): Promise<OpenModel> {
  const bytes = await readOnnxBytes(argument);
  const { metadata: fileMetadata, precision } = readOnnxMetadata(bytes);
  const session = await openSession(bytes, { name: argument, device, precision });
  const { input, output } = session.info;
  const metadata = resolveMetadata(fileMetadata, { name: argument, input, output, overrides: {} });
  const picture = sizeOfPicture(input.shape);
  return {
    session,
    metadata,
    preset: fileMetadata.preset ?? null,
    forward: async (images, count) => {
      const tensors = await session.run(images.subarray(0, count * picture), count);
      const values = outputOf(tensors, output.name).data;
      return output.name === 'probabilities' ? values.map((value) => Math.log(value)) : values;
    },
  };
}

async function readOnnxBytes(argument: string): Promise<Uint8Array> {
  const path = await resolveWeightsArgument(argument);
  if (await isOnnxFile(path)) return readFileBytes(path);
  const { model } = await readModel(path);
  return exportOnnx(model);
}

function sizeOfPicture([, ...picture]: readonly (number | string)[]): number {
  return picture.reduce<number>((size, length) => {
    if (typeof length === 'number') return size * length;
    throw new AlexNetError('UNSUPPORTED', {
      message: `The model takes pictures of any size (axis "${length}"), which is more than can be measured here.`,
      hint: 'Export it with a fixed height and width.',
    });
  }, 1);
}
