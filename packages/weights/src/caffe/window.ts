import { AlexNetError } from '@alexnet/core';
import type { CaffeLayer } from './caffe-layer.ts';
import type { FieldReader } from './fields.ts';
import { describeLayer } from './graph-draft.ts';

/** A length that Caffe takes for both axes together, for each in a list, or in two fields of their own. */
interface PairOptions {
  /** `kernel_size` */
  readonly together: string;
  /** What stands before `_h` and `_w`. */
  readonly apart: string;
  readonly least: number;
  /** Without one, it has to be there. */
  readonly fallback?: number;
}

/**
 * Height and width of a kernel, a stride or a padding.
 *
 * @throws AlexNetError `INVALID_MODEL`
 */
export function readPair(
  layer: CaffeLayer,
  settings: FieldReader,
  { together, apart, least, fallback }: PairOptions,
): readonly [number, number] {
  const [rows, columns] = [`${apart}_h`, `${apart}_w`];
  if (settings.has(rows) || settings.has(columns)) {
    return [
      settings.integer(rows, fallback ?? 0, least),
      settings.integer(columns, fallback ?? 0, least),
    ];
  }
  const lengths = settings.integers(together, least);
  const [height = fallback, width = height] = lengths;
  if (height !== undefined && width !== undefined && lengths.length <= 2) return [height, width];
  throw new AlexNetError('INVALID_MODEL', {
    message:
      lengths.length > 2
        ? `${describeLayer(layer)} has ${lengths.length} numbers as ${together}; pictures have two axes.`
        : `${describeLayer(layer)} has no ${together}.`,
    hint: `Give one number, or two: height and width.`,
    path: [layer.name],
  });
}

/** How a window moves: strides, and pads on the top and the left, then on the bottom and the right. */
export function readSteps(
  layer: CaffeLayer,
  settings: FieldReader,
): {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
} {
  const stride = { together: 'stride', apart: 'stride', least: 1, fallback: 1 };
  const pad = { together: 'pad', apart: 'pad', least: 0, fallback: 0 };
  const [high, wide] = readPair(layer, settings, pad);
  return { strides: readPair(layer, settings, stride), pads: [high, wide, high, wide] };
}
