import { isAlexNetError, type Shape } from '@alexnet/core';
import { readBinaryproto } from './caffe/blob.ts';
import { caffePreprocessing } from './caffe/caffe-preprocessing.ts';
import { describeCaffeNetwork, readCaffemodel } from './caffe/read-caffemodel.ts';
import { type CaffeNetwork, caffeToGraph, prototxtToGraph } from './caffe/to-graph.ts';
import { detectFormat, type FileKind } from './detect/detect-format.ts';
import { readKeras } from './keras/read-keras.ts';
import { readNpz } from './numpy/read-npz.ts';
import { readNumpy } from './numpy/read-numpy.ts';
import { readOnnx } from './onnx/read-onnx.ts';
import { readPytorch } from './pytorch/read-pytorch.ts';
import { readSafetensors } from './safetensors/read-safetensors.ts';
import { readTfCheckpoint } from './tensorflow/read-tf-checkpoint.ts';
import { readTfjsLayers } from './tfjs/read-tfjs-layers.ts';
import type { WeightFile, WeightSource } from './weight-file.ts';

export interface ReadWeightsOptions {
  /** Text of a `deploy.prototxt`, for a .caffemodel: stronger than the layers in the file. */
  readonly prototxt?: string;
  /** [C, H, W] of a picture, for networks that leave its size free. */
  readonly inputShape?: Shape;
  /**
   * `ignore` takes the arrays of a Keras file and leaves what it says of its network, which may name code that is
   * refused otherwise. `read` unless given.
   */
  readonly config?: 'read' | 'ignore';
  /** What Keras 1's weights were trained with, where the file does not say: Theano turns its kernels round. */
  readonly backend?: 'tensorflow' | 'theano';
}

/**
 * Reads a weight file of any format that is known here: which one is told by its bytes, where these leave it open by
 * the suffix of its name.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` saying what a file seems to be that is none, or what in it is not read;
 *   `INVALID_MODEL` for a damaged or hostile one, saying where
 *
 * @example
 * (await readWeights(source)).format // 'pytorch'
 */
export async function readWeights(
  source: WeightSource,
  options: ReadWeightsOptions = {},
): Promise<WeightFile> {
  return READERS[detectFormat(source)](source, options);
}

type Reader = (source: WeightSource, options: ReadWeightsOptions) => Promise<WeightFile>;

const READERS: Readonly<Record<FileKind, Reader>> = {
  numpy: readNumpy,
  npz: readNpz,
  pytorch: readPytorch,
  safetensors: readSafetensors,
  caffemodel: readCaffe,
  binaryproto: readMean,
  keras: readKeras,
  'tfjs-layers': readTfjsLayers,
  'tf-checkpoint': readTfCheckpoint,
  onnx: (source, { inputShape }) => readOnnx(source, inputShape ? { inputShape } : {}),
};

/** Descriptions that lie beside a .caffemodel. */
const PROTOTXTS: readonly string[] = ['deploy.prototxt', 'train_val.prototxt'];

/** With the prototxt that is given, or with the layers in the file, or with a prototxt beside it. */
async function readCaffe(
  source: WeightSource,
  { prototxt, inputShape }: ReadWeightsOptions,
): Promise<WeightFile> {
  const { net, ...file } = await readCaffemodel(source);
  const size = inputShape ? { inputShape } : {};
  const describe = (network: CaffeNetwork, note: string): WeightFile => {
    const { metadata, ...described } = describeCaffeNetwork(network, file.tensors);
    const preprocessing = caffePreprocessing(network);
    return {
      ...file,
      notes: [...file.notes, ...network.notes, note].filter((each) => each !== ''),
      network: {
        ...described,
        metadata: { ...metadata, ...(preprocessing ? { preprocessing } : {}) },
      },
    };
  };
  if (prototxt !== undefined) return describe(prototxtToGraph(prototxt, size), '');
  if (file.network) return { ...describe(caffeToGraph(net, size), ''), notes: file.notes };
  for (const name of PROTOTXTS) {
    const text = await source.sibling(name);
    if (!text) continue;
    try {
      const network = prototxtToGraph(new TextDecoder().decode(text), size);
      return describe(network, `The network is as ${name} beside the file says.`);
    } catch (error) {
      // Nobody said that it belongs to the file.
      if (!isAlexNetError(error) || error.code === 'INTERNAL') throw error;
      return { ...file, notes: [...file.notes, `${name} was not used: ${error.message}`] };
    }
  }
  return file;
}

/** A mean picture: no weights, but what people have beside them. */
async function readMean({ bytes }: WeightSource): Promise<WeightFile> {
  const { shape, data } = readBinaryproto(bytes);
  return {
    format: 'binaryproto',
    tensors: new Map([['mean', { dtype: 'float32', shape, toFloat32: () => data }]]),
    convention: { conv: 'OIHW', linear: 'out-in', flatten: 'CHW', channels: 'BGR' },
    notes: [],
  };
}
