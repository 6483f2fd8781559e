import { AlexNetError, type Random } from '@alexnet/core';
import type { Batch } from '../batches/batch.ts';
import { sampleBeta } from './beta.ts';

/** Each picture of a batch is mixed with another one of it, and so are their classes. */
export interface Mixing {
  /**
   * `mixup`: both pictures shine through. `cutmix`: a rectangle of the other one covers a part.
   *
   * @see Zhang et al. 2018, "mixup" · Yun et al. 2019, "CutMix"
   */
  readonly kind: 'mixup' | 'cutmix';
  /** Shares are drawn from Beta(α, α): 0.2 mixes mildly, 1 evenly. Above 0. */
  readonly alpha: number;
}

export const MIXING_KINDS: readonly Mixing['kind'][] = ['mixup', 'cutmix'];

/** What a batch was mixed with. */
export interface Mixed {
  /** [count]: class of the other picture. */
  readonly labels: Int32Array;
  /** Share that each picture keeps of itself; the other has the rest. 0 to 1. */
  readonly share: number;
}

/**
 * A batch whose pictures are mixed in pairs. One share is drawn for the whole batch.
 *
 * @param pictureShape - [C, H, W] of a row of `batch.images`
 * @param random - of this batch alone
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for an α that is not above 0
 */
export function mixBatch(
  batch: Batch,
  pictureShape: readonly number[],
  { mixing, random }: { readonly mixing: Mixing; readonly random: Random },
): Batch & { readonly mixed: Mixed } {
  checkMixing(mixing);
  const { images, labels, count } = batch;
  const partners = random.shuffle(Uint32Array.from({ length: count }, (_, row) => row));
  const drawn = sampleBeta(random, mixing.alpha);
  const rowSize = pictureShape.reduce((a, b) => a * b, 1);
  const mixed = images.slice();
  const rowsOf = (row: number) => {
    const at = (index: number) => images.subarray(index * rowSize, (index + 1) * rowSize);
    return {
      other: at(partners[row] ?? row),
      out: mixed.subarray(row * rowSize, (row + 1) * rowSize),
    };
  };
  let share = drawn;
  if (mixing.kind === 'mixup') {
    for (let row = 0; row < count; row++) {
      const { other, out } = rowsOf(row);
      for (let i = 0; i < rowSize; i++) {
        out[i] = share * (out[i] ?? 0) + (1 - share) * (other[i] ?? 0);
      }
    }
  } else {
    const box = drawBox(pictureShape, 1 - drawn, random);
    share = 1 - box.area;
    for (let row = 0; row < count; row++) {
      const { other, out } = rowsOf(row);
      for (const [from, to] of box.spans) out.set(other.subarray(from, to), from);
    }
  }
  const ofPartners = Int32Array.from(partners, (partner) => labels[partner] ?? -1);
  return { ...batch, images: mixed, mixed: { labels: ofPartners, share } };
}

interface CutBox {
  /** As a share of the picture's. */
  readonly area: number;
  /** Its rows, as [from, to) within a picture. */
  readonly spans: readonly (readonly [number, number])[];
}

/** A rectangle of the picture's aspect around a point drawn uniformly, cut off at the picture's edges. */
function drawBox(
  [channels = 0, height = 0, width = 0]: readonly number[],
  area: number,
  random: Random,
): CutBox {
  const interval = (length: number): readonly [number, number] => {
    const half = Math.floor((length * Math.sqrt(area)) / 2);
    const middle = random.integer(length);
    return [Math.max(0, middle - half), Math.min(length, middle + half)];
  };
  const [top, bottom] = interval(height);
  const [left, right] = interval(width);
  const spans: [number, number][] = [];
  for (let channel = 0; channel < channels; channel++) {
    for (let y = top; y < bottom; y++) {
      const start = (channel * height + y) * width;
      spans.push([start + left, start + right]);
    }
  }
  return { area: ((bottom - top) * (right - left)) / (height * width), spans };
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` */
export function checkMixing({ kind, alpha }: Mixing): void {
  if (MIXING_KINDS.includes(kind) && Number.isFinite(alpha) && alpha > 0) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `Pictures cannot be mixed by ${kind} with an alpha of ${alpha}.`,
    hint: `Use ${MIXING_KINDS.join(' or ')} with an alpha above 0, 0.2 for example.`,
  });
}
