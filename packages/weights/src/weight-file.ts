import type { Graph, ModelMetadata, Shape, Weights } from '@alexnet/core';
import type { ReadFloats } from './elements/read-floats.ts';

/** Where the bytes of a weight file come from. */
export interface WeightSource {
  /** Name of the file, for messages and for its suffix. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /**
   * A file beside it: a shard, a `deploy.prototxt`. Names are plain: no folders, nothing that climbs out.
   *
   * @param options.refusesLinks - an error for a link, which may lead to any file: where the file itself says the name
   * @returns null if there is none
   */
  sibling(name: string, options?: { readonly refusesLinks?: boolean }): Promise<Uint8Array | null>;
}

export const WEIGHT_FORMATS = [
  'numpy-dict',
  'npy',
  'npz',
  'pytorch',
  'pytorch-legacy',
  'safetensors',
  'caffemodel',
  'binaryproto',
  'keras-h5',
  'keras-weights',
  'keras',
  'tfjs-layers',
  'tf-checkpoint',
  'onnx',
] as const;
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

export type WeightType =
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'bool';

/** An array of a weight file, in the file's own layout. */
export interface FileTensor {
  readonly dtype: WeightType;
  readonly shape: Shape;
  /** The numbers, row by row; a view of the file where type and place allow, else converted anew at each call. */
  toFloat32(): Float32Array;
  /** Some of the numbers, where that takes less memory than making them all. */
  readonly readFloats?: ReadFloats;
}

/** How a framework lays out its arrays. */
export interface LayoutConvention {
  /** Axes of a convolution's weights. */
  readonly conv: 'OIHW' | 'HWIO';
  /** Axes of a fully connected layer's weights. */
  readonly linear: 'out-in' | 'in-out';
  /** Order in which the last feature maps are flattened before the first fully connected layer. */
  readonly flatten: 'CHW' | 'HWC';
  /** Order of the input's channels, where the format's users agree on one. */
  readonly channels: 'RGB' | 'BGR' | null;
}

/** A network as the file itself describes it, beside its arrays: an ONNX graph, Caffe's layers, Keras's config. */
export interface DescribedNetwork {
  /** In core's terms and layouts. */
  readonly graph: Graph;
  /** What else the file says. */
  readonly metadata: Partial<ModelMetadata>;
  /** Whether `metadata.preprocessing` is what such a network usually gets, and nothing that the file says. */
  readonly assumesPreprocessing?: boolean;
  /**
   * All parameters of the graph, in core's layouts; views of the file where these are the file's.
   *
   * @throws AlexNetError `INVALID_MODEL` naming one that is missing or of another size
   */
  readWeights(): Weights;
}

/** A weight file, read and not yet understood. */
export interface WeightFile {
  readonly format: WeightFormat;
  /** In the file's order, by the file's names; levels are joined by a slash: `conv1/kernel`. */
  readonly tensors: ReadonlyMap<string, FileTensor>;
  readonly convention: LayoutConvention;
  /** What the file says besides that people should hear: a wrapped state dict, an optimiser's arrays left out. */
  readonly notes: readonly string[];
  /** Where the file has one that can be read as a graph. */
  readonly network?: DescribedNetwork;
}
