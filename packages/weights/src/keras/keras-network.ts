/** A network as Keras describes it: data, nothing of it is ever run. */
export interface KerasNetwork {
  readonly name: string;
  /** In the file's order. */
  readonly layers: readonly KerasLayer[];
  /** Names of the layers that give the result; empty in a Sequential, where it is the last one. */
  readonly outputs: readonly string[];
}

/** A layer, under the names that Keras 2 and 3 have for its attributes; those of Keras 1 are translated. */
export interface KerasLayer {
  readonly name: string;
  /** `Conv2D`, `Dense`: one of {@link KERAS_LAYERS}. */
  readonly className: string;
  /** Names of the layers that it reads, once for each time that it is used; null in a Sequential. */
  readonly inputs: readonly (readonly string[])[] | null;
  /** Of layers that an AlexNet may have; none of others. */
  readonly attributes: KerasAttributes;
  /** Of a model that stands in place of a layer. */
  readonly network?: KerasNetwork;
  /** Of a convolution that the file has once for each of its groups: the names that it has there. */
  readonly towers?: readonly string[];
}

export type Pair = readonly [number, number];
export type DataFormat = 'channels_last' | 'channels_first';

/** What matters for the result; absent where the layer does not say. */
export interface KerasAttributes {
  /** Batch, then the axes of one picture; null where any length goes. */
  readonly batchShape?: readonly (number | null)[];
  readonly filters?: number;
  readonly kernelSize?: Pair;
  readonly strides?: Pair;
  readonly dilationRate?: Pair;
  readonly groups?: number;
  /** Of a convolution or pool. */
  readonly padding?: string;
  /** Of a ZeroPadding2D or Cropping2D: [[top, bottom], [left, right]]. */
  readonly border?: readonly [Pair, Pair];
  readonly poolSize?: Pair;
  readonly keepDims?: boolean;
  readonly units?: number;
  readonly useBias?: boolean;
  readonly activation?: string;
  readonly dataFormat?: DataFormat;
  readonly rate?: number;
  readonly axis?: number;
  readonly epsilon?: number;
  readonly momentum?: number;
  readonly center?: boolean;
  readonly scale?: boolean;
  readonly renorm?: boolean;
  readonly maxValue?: number | null;
  readonly negativeSlope?: number;
  readonly threshold?: number;
  readonly targetShape?: readonly number[];
  /** Of a Rescaling: value · factor + offset. */
  readonly factor?: number;
  readonly offset?: number;
  /** Of TensorFlow's local_response_normalization, which Keras 2 keeps as a function's name and arguments. */
  readonly depthRadius?: number;
  readonly bias?: number;
  readonly alpha?: number;
  readonly beta?: number;
}
