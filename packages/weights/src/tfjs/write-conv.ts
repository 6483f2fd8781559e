import type { NodeOf, Tensor } from '@alexnet/core';
import type { LayerContext } from './layer-context.ts';
import { padWithZeros } from './write-window.ts';

/**
 * A convolution. One of several groups becomes a convolution for each, as a Conv2D of TensorFlow.js has no groups: a
 * Cropping2D that is told that channels come first cuts [N, H, W, C] along its last axis, which is theirs.
 */
export function writeConv(node: NodeOf<'Conv'>, { draft, ...context }: LayerContext): void {
  const { name, attributes } = node;
  const { group } = attributes;
  const [, channels = 0, H = 0, W = 0] = context.inputShape;
  const { input, padding } = padWithZeros(name, attributes, {
    draft,
    input: context.input,
    size: [H, W],
  });
  const add = (layer: string, read: string, part: Part) => {
    const config = {
      filters: (context.outputShape[1] ?? 0) / group,
      kernel_size: attributes.kernelShape,
      strides: attributes.strides,
      padding,
      data_format: 'channels_last',
      dilation_rate: [1, 1],
      activation: 'linear',
      use_bias: true,
    };
    for (const role of ['weight', 'bias'] as const) {
      context.addArray(layer, role, (tensor) => takePart(tensor, part));
    }
    return draft.add(layer, 'Conv2D', { config, inputs: [read] });
  };
  if (group === 1) {
    add(name, input, { index: 0, of: 1 });
    return;
  }
  const width = channels / group;
  const towers = Array.from({ length: group }, (_, index) => {
    const columns = [index * width, (group - 1 - index) * width];
    const config = { cropping: [[0, 0], columns], data_format: 'channels_first' };
    const crop = draft.nameLayer(`${name}_input_${index + 1}`);
    draft.add(crop, 'Cropping2D', { config, inputs: [input] });
    return add(draft.nameLayer(`${name}_${index + 1}`), crop, { index, of: group });
  });
  draft.add(name, 'Concatenate', { config: { axis: -1 }, inputs: towers });
}

interface Part {
  readonly index: number;
  readonly of: number;
}

/** Some of the outputs, which are the last axis. */
function takePart({ shape, data }: Tensor, { index, of }: Part): Tensor {
  if (of === 1) return { shape, data };
  const outputs = shape.at(-1) ?? 0;
  const width = outputs / of;
  const part = new Float32Array(data.length / of);
  for (let row = 0; row * width < part.length; row += 1) {
    const from = row * outputs + index * width;
    part.set(data.subarray(from, from + width), row * width);
  }
  return { shape: shape.with(-1, width), data: part };
}
