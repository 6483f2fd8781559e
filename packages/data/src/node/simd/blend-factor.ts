import { PRECISION_BITS } from '../../resize/resample-weights.ts';

const HALF = 1 << (PRECISION_BITS - 1);
/** Factors are in units of 2⁻¹⁵, which WebAssembly's product of 16 bits rounds to. */
const FACTOR_BITS = 15;
const FACTOR_HALF = 1 << (FACTOR_BITS - 1);
const MOST_DIFFERENCE = 255;

/**
 * The factor by which a weighted sum of two bytes is a blend of them, whatever the bytes:
 *
 *   ⌊a · weight + b · (1 − weight) + ½⌋ = b + ⌊(a − b) · factor + ½⌋
 *
 * Both sides depend on a − b alone, of which there are 511. About one weight in fourteen has no such factor.
 *
 * @param weight - of the first byte, in units of 2⁻²², from 0 to less than 1
 * @returns in units of 2⁻¹⁵, 0 … 32,767; `null` if there is none
 */
export function findBlendFactor(weight: number): number | null {
  // Where neither of the weight's neighbours rounds as it does, those further away do not either.
  const below = weight >> (PRECISION_BITS - FACTOR_BITS);
  if (roundsAlike(weight, below)) return below;
  const above = below + 1;
  return above < 1 << FACTOR_BITS && roundsAlike(weight, above) ? above : null;
}

function roundsAlike(weight: number, factor: number): boolean {
  for (let difference = MOST_DIFFERENCE; difference > 0; difference--) {
    const exact = difference * weight;
    const blend = difference * factor;
    const isAlike =
      (HALF + exact) >> PRECISION_BITS === (FACTOR_HALF + blend) >> FACTOR_BITS &&
      (HALF - exact) >> PRECISION_BITS === (FACTOR_HALF - blend) >> FACTOR_BITS;
    if (!isAlike) return false;
  }
  return true;
}
