import { AlexNetError } from '@alexnet/core';
import { exportOnnx, readModelFacts } from '@alexnet/export';
import { findExternalFolder, readFileBytes } from '@alexnet/export/node';
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
  const { bytes, folder } = await readOnnx(argument);
  const facts = readModelFacts(bytes);
  const session = await openSession(bytes, {
    ...{ name: argument, device, precision: facts.precision, embedded: facts.embedded },
    ...(folder === undefined ? {} : { weights: { folder } }),
  });
  const { input, output } = session.info;
  const metadata = resolveMetadata(facts, { name: argument, input, output, overrides: {} });
  const run = runInBatches(session);
  return {
    session,
    metadata,
    preset: metadata.preset,
    forward: async (images, count) => {
      const values = await run(images, count);
      return output.name === 'probabilities' ? values.map((value) => Math.log(value)) : values;
    },
  };
}

/** Runs of as many pictures as the model takes: those that it is made for, the last filled up with zeros, or all. */
function runInBatches(session: Session): OpenModel['forward'] {
  const { shape } = session.info.input;
  const picture = sizeOfPicture(shape);
  const [fixed] = shape;
  const runOnce = async (images: Float32Array, count: number): Promise<Float32Array> =>
    outputOf(await session.run(images, count), session.info.output.name).data;
  if (typeof fixed !== 'number') {
    return (images, count) => runOnce(images.subarray(0, count * picture), count);
  }
  return async (images, count) => {
    const rows: Float32Array[] = [];
    const input = new Float32Array(fixed * picture);
    for (let first = 0; first < count; first += fixed) {
      const taken = Math.min(fixed, count - first);
      input.fill(0);
      input.set(images.subarray(first * picture, (first + taken) * picture));
      const values = await runOnce(input, fixed);
      rows.push(values.slice(0, (values.length / fixed) * taken));
    }
    return joinRows(rows);
  };
}

function joinRows(rows: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(rows.reduce((total, row) => total + row.length, 0));
  let offset = 0;
  for (const row of rows) {
    joined.set(row, offset);
    offset += row.length;
  }
  return joined;
}

/** The bytes of a model, and the folder of its weights where they are beside it. */
async function readOnnx(
  argument: string,
): Promise<{ readonly bytes: Uint8Array; readonly folder?: string | undefined }> {
  const path = await resolveWeightsArgument(argument);
  if (await isOnnxFile(path)) {
    const bytes = await readFileBytes(path);
    return { bytes, folder: await findExternalFolder(path, bytes) };
  }
  const { model } = await readModel(path);
  return { bytes: exportOnnx(model) };
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
