import { AlexNetError, type Preprocessing } from '@alexnet/core';
import type { Dataset } from '@alexnet/data';

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` if pictures are shrunk to less than the preprocessing takes */
export function checkShrinking(
  { name, shrinkOnLoad }: Dataset,
  { resize, crop }: Preprocessing,
): void {
  const needed = resize.mode === 'short-side' ? resize.size : longSide(resize, crop);
  if (shrinkOnLoad === undefined || shrinkOnLoad >= needed) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `--shrink-on-load ${shrinkOnLoad} makes the pictures of "${name}" smaller than the ${needed} pixels that the network's preprocessing takes.`,
    hint: `Give ${needed}, or more.`,
  });
}

/** Of what is resized to, or else of what is cut out; 0 where a picture of any size is taken. */
function longSide(resize: Preprocessing['resize'], crop: Preprocessing['crop']): number {
  const size = resize.mode === 'exact' ? resize : crop;
  return size ? Math.max(size.width, size.height) : 0;
}
