import { type Graph, inferShapes, type Model, type Tensor } from '@alexnet/core';
import { countChannels, type Picture } from '@alexnet/data';
import {
  appendTypedOutputs,
  exportOnnx,
  listExternalFiles,
  type ModelFacts,
  readOnnxMetadata,
} from '@alexnet/export';
import { readFileBytes } from '@alexnet/export/node';
import { chooseOutput, remainingPreprocessing } from '@alexnet/runtime';
import { isOnnxFile, readModel } from '../models/load-model.ts';
import { chooseTaps } from './choose-taps.ts';
import { choosePictures, type InputOptions, toInput } from './input.ts';
import type { ParitySubject, Tap } from './runtime.ts';

/**
 * Reads what the runtimes are to agree on.
 *
 * @throws what reading the model and the pictures throws
 */
export async function readSubject(argument: string, options: InputOptions): Promise<ParitySubject> {
  const { model, file } = await readModel(argument);
  const bytes = (await isOnnxFile(argument)) ? await readOnnxBytes(file, model) : exportOnnx(model);
  const facts = readOnnxMetadata(bytes);
  const { inputs, outputs, metadata, precision, embedded } = facts;
  const { name: inputName = 'image', shape: inputShape, dtype } = inputs[0] ?? {};
  const [batch] = inputShape ?? [];
  const multipleOf = typeof batch === 'number' ? batch : 1;
  const pictures = await choosePictures(model, { ...options, multipleOf });
  const input = toInput(pictures, model.metadata.preprocessing, model.graph.input.shape);
  // In files of other programs a value may have a layer's name and be a part of it; halves are no outputs.
  const hasLayers = metadata.provenance !== undefined && precision.compute === 'float32';
  const output = chooseOutput(outputs.map(({ name, shape }) => ({ name, shape: shape ?? [] })));
  const taps = chooseTaps(model.graph).map((name): Tap => {
    if (name === model.graph.output) return { name, output: output?.name ?? null };
    return { name, output: hasLayers ? name : null };
  });
  return {
    name: argument,
    model,
    bytes: withTaps(bytes, model.graph, taps),
    precision,
    embedded,
    inputName,
    takesBytes: dtype === 'uint8',
    input,
    fileInput: dtype === 'uint8' ? toBytesInput(pictures, { model, facts }) : input,
    batchSize: typeof batch === 'number' ? batch : pictures.length,
    taps,
  };
}

/** Of a file that prepares its pictures itself: what it leaves to be done. */
function toBytesInput(
  pictures: readonly Picture[],
  { model, facts }: { readonly model: Model; readonly facts: ModelFacts },
): Tensor {
  const preprocessing = remainingPreprocessing(facts) ?? model.metadata.preprocessing;
  const [, height = 1, width = 1] = model.graph.input.shape;
  return toInput(pictures, preprocessing, [countChannels(preprocessing.channels), height, width]);
}

/** The file itself; one of the same network where it keeps weights beside it. */
async function readOnnxBytes(path: string, model: Model): Promise<Uint8Array> {
  const bytes = await readFileBytes(path);
  return listExternalFiles(bytes).length > 0 ? exportOnnx(model) : bytes;
}

/** Shapes are given with the names: OpenCV reads no output without. */
function withTaps(bytes: Uint8Array, graph: Graph, taps: readonly Tap[]): Uint8Array {
  const inner = taps.flatMap(({ name, output }) => (name === graph.output ? [] : (output ?? [])));
  const shapes = [...inferShapes(graph, 1)].map(([name, [, ...shape]]) => [name, shape] as const);
  return appendTypedOutputs(bytes, inner, new Map(shapes));
}
