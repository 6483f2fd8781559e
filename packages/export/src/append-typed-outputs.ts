import type { Shape } from '@alexnet/core';
import { appendValues } from './append-outputs.ts';
import { makeTensorInfo } from './value-info.ts';

/**
 * Makes values inside a model outputs of it, as `appendOutputs` does, with their types: onnx.checker and OpenCV want
 * them. Apart from that one, which pages have.
 *
 * @param shapes - of a value for one picture, by name; others than these get no type
 * @throws AlexNetError as `appendOutputs`
 */
export function appendTypedOutputs(
  bytes: Uint8Array,
  names: readonly string[] | 'all',
  shapes: ReadonlyMap<string, Shape>,
): Uint8Array {
  return appendValues(bytes, names, (name) => {
    const shape = shapes.get(name);
    return shape ? makeTensorInfo(name, 'float32', ['N', ...shape]) : { name };
  });
}
