import { AlexNetError } from '../errors.ts';
import type { Node } from '../graph/graph.ts';
import { reverseMean } from '../model/mean-image.ts';
import type { Model } from '../model/model.ts';
import type { Preprocessing } from '../model/preprocessing.ts';
import { createTensor, sizeOf, type Tensor } from '../tensor.ts';
import { findLinearReaders } from './linear-readers.ts';
import { findSharing } from './rewire.ts';
import { weightOf, withWeights } from './weighted-graph.ts';

const SWAPPED = { RGB: 'BGR', BGR: 'RGB' } as const;

/**
 * The same network for pictures with the other order of channels, RGB or BGR: the first layer's weights, the
 * preprocessing's mean and its std are reversed. Outputs are the same for the same picture.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` for greyscale networks, and where the first layers are not
 *   alike in all channels (groups, LRN with an even window), naming the layer
 */
export function swapChannels(model: Model): Model {
  const { graph, metadata } = model;
  const channels = requireColour(metadata.preprocessing, graph.input.shape);
  const found = findLinearReaders(graph, graph.input.name, isAlikeInAllChannels);
  if (!found.ok) throw unswappable(found.layer, found.reason);
  const changed = new Map<string, Tensor>();
  const reversed = [...found.readers, ...found.passed];
  for (const { node, inputsPerChannel } of reversed) {
    const reason = findObstacle(node) ?? findSharingOf(model, node);
    if (reason !== undefined) throw unswappable(node.name, reason);
    for (const name of namesToReverse(node)) {
      changed.set(name, reverseChannels(weightOf(model, name), inputsPerChannel));
    }
  }
  const { preprocessing } = metadata;
  return {
    graph,
    weights: withWeights(model.weights, changed),
    metadata: {
      ...metadata,
      preprocessing: {
        ...preprocessing,
        channels: SWAPPED[channels],
        mean: reverseMean(preprocessing),
        std: preprocessing.std.toReversed(),
      },
    },
  };
}

function requireColour({ channels }: Preprocessing, inputShape: readonly number[]): 'RGB' | 'BGR' {
  if (channels !== 'grey' && inputShape[0] === 3) return channels;
  throw new AlexNetError('UNSUPPORTED', {
    message: `The network's input has ${inputShape[0]} channels (${channels}): RGB and BGR are orders of 3.`,
    hint: 'There is nothing to swap in greyscale.',
  });
}

/** Whether an op gives reversed channels for reversed channels. */
function isAlikeInAllChannels({ op }: Node): boolean {
  switch (op) {
    case 'AdaptiveAveragePool':
    case 'AveragePool':
    case 'BatchNormalization':
    case 'Dropout':
    case 'Flatten':
    case 'LRN':
    case 'MaxPool':
    case 'Relu':
    case 'SpatialLRN':
    case 'Tanh':
      return true;
    case 'Conv':
    case 'Gemm':
    case 'Softmax':
      return false;
    default:
      return op satisfies never;
  }
}

function findObstacle(node: Node): string | undefined {
  if (node.op === 'Conv' && node.attributes.group > 1) {
    return `its ${node.attributes.group} groups belong to certain channels`;
  }
  if (node.op === 'LRN' && (node.attributes.size % 2 === 0 || node.attributes.groups > 1)) {
    return 'its window does not reach equally far to both sides';
  }
  return undefined;
}

function namesToReverse({ op, inputs }: Node): readonly string[] {
  const [, ...parameters] = inputs;
  switch (op) {
    case 'BatchNormalization':
      return parameters;
    case 'Conv':
    case 'Gemm':
      return parameters.slice(0, 1);
    default:
      return [];
  }
}

function findSharingOf({ graph }: Model, node: Node): string | undefined {
  const sharing = namesToReverse(node).length === 0 ? undefined : findSharing(graph, node);
  return sharing === undefined ? undefined : `it cannot be changed alone: ${sharing}`;
}

/** The last channel first, along the axis of the inputs: of [O, C · inputsPerChannel, …], or of [C · …]. */
function reverseChannels({ shape, data }: Tensor, inputsPerChannel: number): Tensor {
  const axis = shape.length === 1 ? 0 : 1;
  const block = inputsPerChannel * sizeOf(shape.slice(axis + 1));
  const channels = (shape[axis] ?? 0) / inputsPerChannel;
  const reversed = createTensor(shape);
  for (let from = 0; from < data.length; from += block) {
    const index = from / block;
    const channel = index % channels;
    const to = (index - channel + channels - 1 - channel) * block;
    reversed.data.set(data.subarray(from, from + block), to);
  }
  return reversed;
}

function unswappable(layer: string, reason: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The channels cannot be swapped in ${layer}: ${reason}.`,
    hint: 'Swap the channels of the pictures instead.',
    path: [layer],
  });
}
