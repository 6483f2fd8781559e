import type { WindowAttributes } from '@alexnet/core';
import type { Pair, Quad } from '../attribute-reader.ts';
import type { OnnxNode } from '../onnx-node.ts';

/**
 * The window of a convolution or a pool, `auto_pad` written out as the pads that it comes to at this size.
 *
 *   SAME: outputs = ceil(size / stride), so that pads = (outputs − 1) · stride + kernel − size; what is odd goes to
 *   the end (SAME_UPPER) or to the beginning (SAME_LOWER)
 *
 * @param options.kernel - where the file does not give `kernel_shape`: a convolution's weight says it too
 * @throws AlexNetError `UNSUPPORTED` for windows that are spread (`dilations`) or not of two axes
 * @see ONNX Conv-11, MaxPool-12
 */
export function readWindow(
  node: OnnxNode,
  { kernel = [], ceilMode }: { readonly kernel?: readonly number[]; readonly ceilMode: boolean },
): WindowAttributes {
  const { attributes } = node;
  const [kernelH, kernelW, ...more] = kernel;
  const isPlane = kernelH !== undefined && kernelW !== undefined && more.length === 0;
  const kernelShape = attributes.pair('kernel_shape', isPlane ? [kernelH, kernelW] : undefined);
  if (kernelShape.some((length) => length !== 1)) attributes.expectIntegers('dilations', [1, 1]);
  else attributes.ignore('dilations');
  const strides = attributes.pair('strides', [1, 1]);
  const pads = attributes.quad('pads', [0, 0, 0, 0]);
  const mode = attributes.optionalString('auto_pad') || 'NOTSET';
  switch (mode) {
    case 'NOTSET':
      return { kernelShape, strides, pads };
    case 'VALID':
      if (ceilMode)
        throw node.refuse('has auto_pad = VALID and ceil_mode = 1, which contradict each other');
      return { kernelShape, strides, pads: [0, 0, 0, 0] };
    case 'SAME_UPPER':
    case 'SAME_LOWER':
      return { kernelShape, strides, pads: padToSame(node, { kernelShape, strides }, mode) };
    default:
      throw node.refuse(
        `has auto_pad = ${mode}; what is read is NOTSET, VALID, SAME_UPPER and SAME_LOWER`,
      );
  }
}

function padToSame(
  node: OnnxNode,
  { kernelShape, strides }: { readonly kernelShape: Pair; readonly strides: Pair },
  mode: 'SAME_UPPER' | 'SAME_LOWER',
): Quad {
  const size = node.pictureSize();
  const along = (axis: 0 | 1): Pair => {
    const outputs = Math.ceil(size[axis] / strides[axis]);
    const total = Math.max(0, (outputs - 1) * strides[axis] + kernelShape[axis] - size[axis]);
    const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
    return mode === 'SAME_UPPER' ? [less, more] : [more, less];
  };
  const [top, bottom] = along(0);
  const [left, right] = along(1);
  return [top, left, bottom, right];
}
