import type { Picture } from '../picture/picture.ts';
import type { Preprocessor } from '../preprocess/preprocess.ts';
import { shiftColours } from './colour-noise.ts';
import { retouchOf, type Variation } from './variation.ts';

/**
 * Writes the input of a picture as a variation has it.
 *
 * Shape: picture [H, W, C] bytes → out [C, H, W]
 *
 * @throws AlexNetError `SHAPE_MISMATCH` if `out` is too short
 */
export function writeVariation(
  picture: Picture,
  out: Float32Array,
  {
    preprocessor,
    variation,
  }: { readonly preprocessor: Preprocessor; readonly variation: Variation },
): void {
  const { framing, colourShift, erased } = variation;
  const retouch = retouchOf(variation);
  preprocessor.write(picture, out, { framing, ...(retouch && { retouch }) });
  if (colourShift === null && erased === null) return;
  const { width, height } = framing.window;
  const planeSize = width * height;
  const planes = Array.from({ length: preprocessor.channels }, (_, c) =>
    out.subarray(c * planeSize, (c + 1) * planeSize),
  );
  if (colourShift !== null) shiftColours(planes, colourShift, preprocessor.preprocessing);
  if (erased === null) return;
  for (const plane of planes) {
    for (let y = erased.top; y < erased.top + erased.height; y++) {
      plane.fill(0, y * width + erased.left, y * width + erased.left + erased.width);
    }
  }
}
