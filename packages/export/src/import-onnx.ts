import {
  AlexNetError,
  checkLabels,
  countClasses,
  type ErrorCode,
  formatShape,
  type Graph,
  isAlexNetError,
  type Model,
  type ModelMetadata,
  type Preprocessing,
  parseGraph,
  parsePreprocessing,
  type Shape,
} from '@alexnet/core';
import { checkNames } from './check-names.ts';
import { stripPreprocessing } from './embed/strip-preprocessing.ts';
import { completeMetadata } from './import/complete-metadata.ts';
import type { ExternalFiles } from './import/initializer.ts';
import { nameNetwork } from './import/name-network.ts';
import { findNetworkInput } from './import/network-input.ts';
import { declaresClasses, findNetworkOutput } from './import/network-output.ts';
import { translateGraph } from './import/translate.ts';
import { placeWeights } from './import/weight-places.ts';
import { parseEmbedded, parseMetadataProps } from './metadata.ts';
import { type DecodeOptions, decodeModel } from './proto/codec.ts';
import type { ModelProto } from './proto/messages.ts';
import { findOpset, type ValueDescription } from './value-description.ts';

/** Operators may change their meaning in sets that are newer than this: onnx 1.23's. */
const NEWEST_OPSET = 28;

export interface ImportOptions extends DecodeOptions {
  /** [C, H, W] of a picture, for files that leave its size free. */
  readonly inputShape?: Shape;
  /** Which output to read, for files with several. */
  readonly output?: string;
  /** What the file does not say; stronger than what it says. */
  readonly labels?: readonly string[];
  readonly preprocessing?: Preprocessing;
  /**
   * Bytes of the files that the model keeps weights in, by the names that it uses. Nothing that a model says is
   * ever opened here.
   */
  readonly externalFiles?: ExternalFiles;
}

const ROUNDED =
  'The file rounds what layers give to 8 bits. Here they give it as it is, of the same weights.';

/** A model of any ONNX file. */
export interface ImportedModel extends Model {
  /**
   * What the file does not say, and what was taken in its place, in sentences for people: labels, preprocessing.
   * Empty for files that say everything, as ours do.
   */
  readonly remarks: readonly string[];
}

/**
 * Reads a network from an ONNX file of any writer: graph, weights, metadata.
 *
 * Operators that ONNX, or a converter, writes in several nodes or in another order become the one op that they
 * compute together: Reshape that flattens, MatMul with Add, normalisations in pieces, pictures with their channels
 * last, towers in place of groups. Layers of an AlexNet are named as in the paper; other names are kept, without
 * signs that mean something elsewhere. Files of ours come back as they were written.
 *
 * Weights are views of `bytes` where their place in the file is a multiple of four, with `ownsBytes` all but the
 * shortest; else copies. Halves and doubles become float32. A file does not say how its weights were drawn at first: unless the network is a preset,
 * every parameter's `initializer` is the constant 0.
 *
 * @throws AlexNetError `INVALID_MODEL` for bytes or a graph that are damaged; `UNSUPPORTED`, naming node
 *   or weight, for what the IR cannot hold; `INVALID_ARGUMENT` for options that the file contradicts.
 *
 * @example
 * importOnnx(bytes).graph.nodes.length // 22
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): ImportedModel {
  if (!(bytes instanceof Uint8Array)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `importOnnx takes the bytes of a file, not ${typeof (bytes satisfies never)}.`,
      hint: 'Give them as Uint8Array or Buffer: new Uint8Array(arrayBuffer), or await readFile(path).',
      path: ['bytes'],
    });
  }
  return importModelProto(decodeModel(bytes, options), options);
}

/** As {@link importOnnx}, of a file that is decoded. */
export function importModelProto(model: ModelProto, options: ImportOptions): ImportedModel {
  const opset = checkOpset(model);
  checkNames(model.graph);
  const embedded = parseEmbedded(model.metadataProps);
  const file = embedded ? stripPreprocessing(model.graph, embedded) : model.graph;
  const known = {
    ...parseMetadataProps(model.metadataProps),
    ...(embedded ? { preprocessing: embedded } : {}),
  };
  const isOwn = known.provenance !== undefined;
  const input = findNetworkInput(file, options.inputShape);
  const files = options.externalFiles ?? new Map();
  const { network, graph } = blameFile(() => {
    const translation = translateGraph(file, { opset, isOwn, input, files });
    const output = findNetworkOutput(file, translation, options.output);
    const named = nameNetwork(translation.draft, {
      name: file.name ?? '',
      output: output.value,
      isOwn,
      places: placeWeights(file),
    });
    const checked = parseGraph(named.graph);
    checkDeclaredOutput(checked, output.declared);
    if (known.labels) checkLabels(known.labels, countClasses(checked));
    const scalesItself = translation.draft.isScaled(input.name);
    return { network: { ...named, scalesItself }, graph: checked };
  });
  const { metadata, remarks } = completeMetadata(graph, {
    ...network,
    known: { ...known, ...givenMetadata(options) },
  });
  checkLabels(metadata.labels, countClasses(graph));
  const isRounded = file.node.some(({ opType }) => opType === 'QuantizeLinear');
  return {
    graph,
    weights: network.weights,
    metadata,
    remarks: isRounded ? [...remarks, ROUNDED] : remarks,
  };
}

function checkOpset(model: ModelProto): number {
  const opset = findOpset(model.opsetImport);
  if (opset <= NEWEST_OPSET) return opset;
  throw new AlexNetError('UNSUPPORTED', {
    message: `The model uses operator set ${opset}, but the newest that is known here is ${NEWEST_OPSET}.`,
    hint: `Convert it with onnx.version_converter.convert_version(model, ${NEWEST_OPSET}), or use a newer version of this package.`,
    path: ['opset_import'],
  });
}

function givenMetadata({ labels, preprocessing }: ImportOptions): Partial<ModelMetadata> {
  return {
    ...(labels ? { labels: [...labels] } : {}),
    ...(preprocessing
      ? { preprocessing: parsePreprocessing(preprocessing, 'INVALID_ARGUMENT') }
      : {}),
  };
}

function checkDeclaredOutput(graph: Graph, declared: ValueDescription): void {
  const classes = countClasses(graph);
  if (declaresClasses(declared, classes)) return;
  throw new AlexNetError('INVALID_MODEL', {
    message: `The file says that ${declared.name} is ${formatShape(declared.shape ?? [])}, but its nodes make [N, ${classes}].`,
    hint: 'The file is damaged. Export the model again.',
    path: [declared.name],
  });
}

/** What core finds wrong with a graph is here a fault of the file. */
function blameFile<T>(body: () => T): T {
  const codes: readonly ErrorCode[] = ['INVALID_GRAPH', 'SHAPE_MISMATCH', 'INVALID_ARGUMENT'];
  try {
    return body();
  } catch (cause) {
    if (!isAlexNetError(cause) || !codes.includes(cause.code)) throw cause;
    const { message, hint, path } = cause;
    throw new AlexNetError('INVALID_MODEL', {
      message: `The model does not fit together: ${message}`,
      ...(hint === undefined ? {} : { hint }),
      path,
      cause,
    });
  }
}
