import {
  AlexNetError,
  formatShape,
  isAlexNetError,
  isSameShape,
  nameFile,
  type Shape,
  sizeOf,
  type Tensor,
} from '@alexnet/core';
import { damagedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import type {
  DescribedNetwork,
  FileTensor,
  LayoutConvention,
  WeightFile,
  WeightSource,
} from '../weight-file.ts';
import { type CaffeNet, toCaffeNet } from './caffe-net.ts';
import { decodeNet } from './decode-net.ts';
import { layerArrays } from './layer-arrays.ts';
import { type CaffeNetwork, caffeToGraph } from './to-graph.ts';

/** A .caffemodel: the arrays, and the layers that they belong to, which the file has as well. */
export interface CaffemodelFile extends WeightFile {
  readonly net: CaffeNet;
}

const CONVENTION: LayoutConvention = {
  conv: 'OIHW',
  linear: 'out-in',
  flatten: 'CHW',
  channels: 'BGR',
};

/**
 * Reads the weights of a .caffemodel of any version: V0 of 2013, V1 of 2014, V2 since. Names are layer and role,
 * `conv1/weight`, `conv1/bias`; arrays of layers without known roles are numbered, `prelu1/0`.
 *
 * The four lengths that old files give any array become the shape that the layer has for it: [O, I, kH, kW],
 * [out, in], [out]. Running means and variances are divided by the factor that Caffe keeps beside them.
 *
 * @throws AlexNetError `INVALID_MODEL`
 */
export async function readCaffemodel({ name: file, bytes }: WeightSource): Promise<CaffemodelFile> {
  try {
    const net = toCaffeNet(decodeNet(bytes));
    const tensors = readTensors(net);
    const found = tryToDescribe(net, tensors);
    return {
      format: 'caffemodel',
      tensors,
      convention: CONVENTION,
      notes: [...versionNotes(net), ...found.notes],
      net,
      ...(found.network ? { network: found.network } : {}),
    };
  } catch (error) {
    throw nameFile(error, file);
  }
}

function readTensors(net: CaffeNet): Map<string, FileTensor> {
  const tensors = new Map<string, FileTensor>();
  for (const { name, tensor } of layerArrays(net)) {
    if (tensors.has(name)) {
      throw damagedFile(quoteName(name), 'two layers with weights have this name', {
        hint: 'Nothing in the file says which is which.',
      });
    }
    tensors.set(name, tensor);
  }
  if (tensors.size > 0) return tensors;
  throw damagedFile(
    `the network ${quoteName(net.name)}`,
    `it has ${net.layers.length} layers, but no weights`,
    { hint: 'Give the .caffemodel, not the description of the network.' },
  );
}

function versionNotes({ version }: CaffeNet): readonly string[] {
  return version === 'V2' ? [] : [`The file is of Caffe's format ${version}, before 2015.`];
}

/** The graph in the file, where it can be read as one. */
function tryToDescribe(
  net: CaffeNet,
  tensors: ReadonlyMap<string, FileTensor>,
): { readonly network?: DescribedNetwork; readonly notes: readonly string[] } {
  try {
    const network = caffeToGraph(net);
    return { network: describeCaffeNetwork(network, tensors), notes: network.notes };
  } catch (error) {
    if (!isAlexNetError(error) || error.code === 'INTERNAL') throw error;
    return { notes: [`The layers in the file were not read as a network: ${error.message}`] };
  }
}

/**
 * A network of Caffe's with its weights out of a .caffemodel: of the file's own layers, or of a deploy.prototxt.
 *
 * @param tensors - {@link readCaffemodel}'s
 */
export function describeCaffeNetwork(
  { graph, sources }: CaffeNetwork,
  tensors: ReadonlyMap<string, FileTensor>,
): DescribedNetwork {
  return {
    graph,
    metadata: {},
    readWeights() {
      const found = graph.parameters.map(({ name, shape }) => {
        const source = sources.get(name) ?? { fill: 0 };
        return {
          name,
          shape,
          read:
            'tensor' in source
              ? findTensor(tensors, source.tensor, shape).toFloat32
              : () => new Float32Array(sizeOf(shape)).fill(source.fill),
        };
      });
      // Only now, with everything of the file in its place: what is filled is never larger than what is there.
      return new Map(
        found.map(({ name, shape, read }): [string, Tensor] => [name, { shape, data: read() }]),
      );
    },
  };
}

function findTensor(
  tensors: ReadonlyMap<string, FileTensor>,
  name: string,
  shape: Shape,
): FileTensor {
  const tensor = tensors.get(name);
  // Old files write lengths of 1 that others leave out.
  if (tensor && isSameShape(dropOnes(tensor.shape), dropOnes(shape))) return tensor;
  throw new AlexNetError('INVALID_MODEL', {
    message: tensor
      ? `${quoteName(name)} is ${formatShape(tensor.shape)}, but the network has ${formatShape(shape)}.`
      : `There is no array ${quoteName(name)}, which the network reads.`,
    hint: 'The prototxt and the weights belong to different networks.',
    path: [name],
  });
}

function dropOnes(shape: Shape): Shape {
  return shape.filter((length) => length !== 1);
}
