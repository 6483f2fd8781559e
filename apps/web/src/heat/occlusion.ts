import type { Picture } from '@alexnet/data';

/** Where a patch lies, in pixels of the picture. */
export interface Patch {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What covering parts of a picture does to one number, such as the probability of a class. */
export interface OcclusionMap {
  readonly width: number;
  readonly height: number;
  /**
   * How much the number falls where this pixel is covered, [H, W]: the mean over the patches that cover it,
   * weighted by how near their middles are.
   */
  readonly drops: Float32Array;
  /** The patch that takes away most. */
  readonly strongest: { readonly patch: Patch; readonly drop: number };
}

/** Side of the patch, as a share of what the network sees. */
const PATCH_SHARE = 0.25;
/** Places in a row and in a column: each step is about a third of a patch. */
const PLACES = 10;
/** Mid grey: near the mean of photographs, so that a patch is no object of its own. */
const GREY = 128;

/**
 * Places for a patch over a part of a picture, row by row, evenly spaced from edge to edge.
 *
 * @param view - the part of the picture that the network sees
 */
export function planPatches(view: Patch): readonly Patch[] {
  const width = Math.max(1, Math.round(view.width * PATCH_SHARE));
  const height = Math.max(1, Math.round(view.height * PATCH_SHARE));
  const place = (start: number, room: number, index: number): number =>
    start + Math.round((room * index) / (PLACES - 1));
  return Array.from({ length: PLACES * PLACES }, (_, index) => ({
    left: place(view.left, view.width - width, index % PLACES),
    top: place(view.top, view.height - height, Math.floor(index / PLACES)),
    width,
    height,
  }));
}

/** The same picture with a patch painted over it; what of the patch lies outside does not count. */
export function coverPatch(picture: Picture, patch: Patch): Picture {
  const { width, height, channels } = picture;
  const pixels = picture.pixels.slice();
  const left = Math.max(0, patch.left);
  const right = Math.min(width, patch.left + patch.width);
  const bottom = Math.min(height, patch.top + patch.height);
  if (left >= right) return { ...picture, pixels };
  for (let y = Math.max(0, patch.top); y < bottom; y++) {
    pixels.fill(GREY, (y * width + left) * channels, (y * width + right) * channels);
  }
  return { ...picture, pixels };
}

/**
 * Spreads what each patch took away over the pixels that it covers.
 *
 * @param drops - one for each patch
 * @see Zeiler and Fergus 2014, §4.2
 */
export function mapDrops(
  view: Patch,
  patches: readonly Patch[],
  drops: readonly number[],
): OcclusionMap {
  const { width, height } = view;
  const sums = new Float32Array(width * height);
  const weights = new Float32Array(width * height);
  patches.forEach((patch, index) => {
    const left = patch.left - view.left;
    const top = patch.top - view.top;
    for (let y = 0; y < patch.height; y++) {
      for (let x = 0; x < patch.width; x++) {
        const at = (top + y) * width + left + x;
        const weight = nearness(x, patch.width) * nearness(y, patch.height);
        sums[at] = (sums[at] ?? 0) + weight * (drops[index] ?? 0);
        weights[at] = (weights[at] ?? 0) + weight;
      }
    }
  });
  const most = drops.reduce((best, drop, index) => (drop > (drops[best] ?? 0) ? index : best), 0);
  return {
    width,
    height,
    drops: sums.map((sum, at) => sum / (weights[at] || 1)),
    strongest: { patch: patches[most] ?? view, drop: drops[most] ?? 0 },
  };
}

/** 1 in the middle of a length, falling to nearly 0 at both ends: without it, a map shows the patches' edges. */
function nearness(offset: number, length: number): number {
  return 1 - Math.abs((2 * offset + 1) / length - 1) ** 2;
}

const ROWS = ['upper', 'middle', 'lower'] as const;
const COLUMNS = ['left', 'middle', 'right'] as const;

/** Where a patch lies, in words: `upper left`, `middle`. */
export function namePlace(view: Patch, patch: Patch): string {
  const third = (offset: number, length: number): 0 | 1 | 2 => {
    const share = offset / length;
    return share < 1 / 3 ? 0 : share < 2 / 3 ? 1 : 2;
  };
  const row = ROWS[third(patch.top - view.top + patch.height / 2, view.height)];
  const column = COLUMNS[third(patch.left - view.left + patch.width / 2, view.width)];
  return row === column ? 'middle' : `${row} ${column}`;
}
