import { invariant, type NodeOf, type Shape } from '@alexnet/core';
import type { ConvGeometry } from '@alexnet/export';

/** @param shapeOf - shape of a value, with the batch axis */
export function findGeometry(
  { name, inputs, output, attributes }: NodeOf<'Conv'>,
  shapeOf: (value: string) => Shape,
): ConvGeometry {
  const { kernelShape, strides, pads, group } = attributes;
  return {
    x: toExtent(shapeOf(inputs[0]), name),
    dy: toExtent(shapeOf(output), name),
    kernel: kernelShape,
    strides,
    pads,
    group,
  };
}

function toExtent([batch, channels, height, width]: Shape, name: string): ConvGeometry['x'] {
  invariant(
    batch !== undefined && channels !== undefined && height !== undefined && width !== undefined,
    `${name} is not 4-D`,
  );
  return { batch, channels, height, width };
}
