import { inferOverhang, type NodeOf, type PoolAttributes } from '@alexnet/core';
import type { Attribute } from '../attribute.ts';
import type { OnnxNode } from '../onnx-node.ts';
import type { TranslationContext } from './op-translation.ts';
import { readWindow } from './window.ts';

/**
 * The attributes that ONNX's pools have in common.
 *
 * `ceilMode` is written as pads that do what it does, never as `ceil_mode`: WebGPU in onnxruntime-web refuses
 * that (https://github.com/microsoft/onnxruntime/issues/20938), and where the last window would start behind
 * the last pixel, onnxruntime 1.17 keeps it and later releases drop it (https://github.com/onnx/onnx/pull/5741).
 */
export function toPoolAttributes(
  { name, inputs: [x], attributes }: NodeOf<'MaxPool' | 'AveragePool'>,
  { shapeOf }: TranslationContext,
): Readonly<Record<string, Attribute>> {
  const { kernelShape, pads, strides } = attributes;
  const [, , H = 0, W = 0] = shapeOf(x);
  const [top, left, bottom, right] = pads;
  const [below, beside] = inferOverhang(name, [H, W], attributes);
  return {
    kernel_shape: { ints: kernelShape },
    pads: { ints: [top, left, bottom + below, right + beside] },
    strides: { ints: strides },
  };
}

/** @throws AlexNetError `UNSUPPORTED` for windows that are spread, or not of two axes */
export function readPoolAttributes(node: OnnxNode): PoolAttributes {
  const ceilMode = node.attributes.flag('ceil_mode');
  return { ...readWindow(node, { ceilMode }), ceilMode };
}
