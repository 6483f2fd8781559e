import { AlexNetError } from '@alexnet/core';
import { importOnnx } from '@alexnet/export';

export interface FirstConvolution {
  /** The layer's name. */
  readonly name: string;
  /** [filters, channels, height, width] */
  readonly shape: readonly number[];
  readonly weights: Float32Array;
}

/**
 * The weights of the first convolution of an ONNX file.
 *
 * @throws AlexNetError `INVALID_MODEL`, `UNSUPPORTED` if the file is not of an AlexNet-like network
 */
export function readFirstConvolution(bytes: Uint8Array): FirstConvolution {
  const { graph, weights } = importOnnx(bytes);
  const layer = graph.nodes.find(({ op }) => op === 'Conv');
  const tensor = layer && weights.get(`${layer.name}.weight`);
  if (!tensor) {
    throw new AlexNetError('UNSUPPORTED', {
      message: 'This network has no convolution.',
      hint: 'Open a network of the AlexNet family.',
    });
  }
  // A copy: the weights may be a view of the whole file.
  return { name: layer.name, shape: tensor.shape, weights: tensor.data.slice() };
}
