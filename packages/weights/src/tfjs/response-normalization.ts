/** Class of the layers that a local response normalisation is written as. */
export const RESPONSE_NORMALIZATION = 'AlexNetLRN';

interface TfjsTensor {
  readonly shape: readonly number[];
}

interface TfjsLayer {
  getConfig(): object;
}

interface TfjsLayerArguments {
  readonly name?: string;
}

/** What {@link registerResponseNormalization} needs of TensorFlow.js, any package of which has it. */
export interface TfjsModule {
  readonly layers: { readonly Layer: abstract new (config: TfjsLayerArguments) => TfjsLayer };
  readonly serialization: {
    registerClass(layer: {
      new (config: ResponseNormalizationArguments): TfjsLayer;
      readonly className: string;
    }): unknown;
  };
  localResponseNormalization(
    // A Tensor4D, of a class that is TensorFlow.js's own.
    x: never,
    depthRadius: number,
    bias: number,
    alpha: number,
    beta: number,
  ): TfjsTensor;
}

interface ResponseNormalizationArguments extends TfjsLayerArguments {
  /** Channels on each side of the one that is normalised. */
  readonly depthRadius: number;
  /** The constant k. */
  readonly bias: number;
  /** Per element. */
  readonly alpha: number;
  readonly beta: number;
}

/**
 * Makes the class of local response normalisations known to TensorFlow.js, which has the operator and no layer: to
 * be called once, before a model is loaded that `writeTfjsLayers` wrote with `lrn: 'class'`.
 *
 * @param tf - the module: `@tensorflow/tfjs`, `@tensorflow/tfjs-node` …
 *
 * @example
 * registerResponseNormalization(tf);
 * const model = await tf.loadLayersModel('/alexnet/model.json');
 */
export function registerResponseNormalization(tf: TfjsModule): void {
  class ResponseNormalization extends tf.layers.Layer {
    static readonly className = RESPONSE_NORMALIZATION;
    readonly #window: Omit<ResponseNormalizationArguments, 'name'>;

    constructor(config: ResponseNormalizationArguments) {
      super(config);
      const { depthRadius, bias, alpha, beta } = config;
      this.#window = { depthRadius, bias, alpha, beta };
    }

    /** @param inputs - [N, H, W, C], alone or in a list of one */
    call(inputs: TfjsTensor | readonly TfjsTensor[]): TfjsTensor {
      const [x] = [inputs].flat();
      const { depthRadius, bias, alpha, beta } = this.#window;
      return tf.localResponseNormalization(x as never, depthRadius, bias, alpha, beta);
    }

    override getConfig(): object {
      return { ...super.getConfig(), ...this.#window };
    }
  }
  tf.serialization.registerClass(ResponseNormalization);
}
