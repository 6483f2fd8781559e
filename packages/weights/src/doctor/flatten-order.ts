import type { Tensor } from '@alexnet/core';
import { Correlation } from './correlation.ts';

/** How alike the weights of neighbouring pixels are. */
export interface FlattenEvidence {
  /** If the inputs come in the order in which they were taken. */
  readonly taken: number;
  /** If they come in the other one. */
  readonly other: number;
}

export interface FlattenQuestion {
  readonly channels: number;
  /** H · W of the feature maps. */
  readonly pixels: number;
  /** The order in which the file was taken to have them; the weight is in core's, CHW. */
  readonly taken: 'CHW' | 'HWC';
}

/** Rows that are looked at: enough for two digits. */
const MAX_ROWS = 256;

/**
 * Correlation of a first dense layer's weights for pixels that are neighbours in a row, for both ways that the file
 * may have flattened the feature maps. Training makes them alike where the order is right, if it makes them alike at
 * all; weights that were trained for a short while show nothing.
 *
 * @param weight - [out, in]
 */
export function measureFlattenOrder(
  { shape, data }: Tensor,
  { channels, pixels, taken }: FlattenQuestion,
): FlattenEvidence {
  const [out = 0, features = 0] = shape;
  const side = Math.sqrt(pixels);
  const [right, wrong] = [new Correlation(), new Correlation()];
  if (!Number.isSafeInteger(side) || side < 2) return { taken: 0, other: 0 };
  const step = Math.max(1, Math.floor(out / MAX_ROWS));
  for (let o = 0; o < out; o += step) {
    const at = (index: number) => data[o * features + index] ?? 0;
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      if (pixel % side === side - 1) continue;
      for (let c = 0; c < channels; c += 1) {
        right.add(at(c * pixels + pixel), at(c * pixels + pixel + 1));
        if (taken === 'CHW') wrong.add(at(pixel * channels + c), at((pixel + 1) * channels + c));
        // What was turned from HWC to CHW was CHW before: its neighbours are channels apart now.
        else if (c + 1 < channels) wrong.add(at(c * pixels + pixel), at((c + 1) * pixels + pixel));
      }
    }
  }
  return { taken: right.value, other: wrong.value };
}
