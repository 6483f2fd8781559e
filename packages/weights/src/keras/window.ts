import type { ChainLayer } from './chain.ts';
import { damagedLayer, type KerasDraft, type Pads, unsupportedLayer } from './graph-draft.ts';
import type { Pair } from './keras-network.ts';

/** A window with its padding written out. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pads: Pads;
  /** Windows along height and width. */
  readonly out: Pair;
}

/** [C, H, W] of what a layer reads, which must be feature maps. */
export function needPlane(
  draft: KerasDraft,
  chained: ChainLayer,
): readonly [number, number, number] {
  const [C, H, W] = draft.shape;
  if (C === undefined || H === undefined || W === undefined) {
    throw damagedLayer(chained, `reads [${draft.shape.join(', ')}], which are no feature maps`);
  }
  const { dataFormat } = chained.layer.attributes;
  if (dataFormat !== undefined && dataFormat !== draft.dataFormat) {
    throw unsupportedLayer(chained, `has its ${dataFormat}, others have their ${draft.dataFormat}`);
  }
  return [C, H, W];
}

/**
 * The numbers of "valid" and "same": "same" makes ceil(size / stride) windows, and puts half of the zeros that
 * takes before the picture, rounded down, the rest behind it.
 *
 * @param options.size - [H, W] without what a ZeroPadding2D adds
 * @see tf.nn.convolution, "SAME"
 */
export function planWindow(
  { pads: [top, left, bottom, right] }: KerasDraft,
  chained: ChainLayer,
  { kernel, size }: { readonly kernel: Pair; readonly size: Pair },
): Window {
  const { strides, padding = 'valid' } = chained.layer.attributes;
  const stride: Pair = strides ?? (chained.layer.className === 'Conv2D' ? [1, 1] : kernel);
  if ([...kernel, ...stride].some((length) => length < 1)) {
    throw damagedLayer(
      chained,
      `has a window of ${kernel.join('×')} and strides of ${stride.join('×')}`,
    );
  }
  if (padding !== 'valid' && padding !== 'same') {
    throw unsupportedLayer(
      chained,
      `has a padding of "${padding.slice(0, 20)}"`,
      'Known: "valid", "same".',
    );
  }
  const along = (axis: 0 | 1, begin: number, end: number) => {
    const length = size[axis] + begin + end;
    const windows =
      padding === 'same'
        ? Math.ceil(length / stride[axis])
        : countWindows(length, kernel[axis], stride[axis]);
    const reach = (windows - 1) * stride[axis] + kernel[axis];
    const added = padding === 'same' ? Math.max(0, reach - length) : 0;
    const before = Math.floor(added / 2);
    return { windows, begin: begin + before, end: end + added - before };
  };
  const [rows, columns] = [along(0, top, bottom), along(1, left, right)];
  if (rows.windows < 1 || columns.windows < 1) {
    const input = `${size[0] + top + bottom}×${size[1] + left + right}`;
    throw damagedLayer(
      chained,
      `has a window of ${kernel.join('×')}, but reads only ${input} pixels`,
    );
  }
  return {
    kernel,
    stride,
    pads: [rows.begin, columns.begin, rows.end, columns.end],
    out: [rows.windows, columns.windows],
  };
}

function countWindows(length: number, kernel: number, stride: number): number {
  return Math.floor((length - kernel) / stride) + 1;
}
