import type { Random } from '@alexnet/core';

/**
 * A number from Beta(α, α): around a half for large α, near 0 or 1 for small.
 *
 * @param alpha - above 0
 */
export function sampleBeta(random: Random, alpha: number): number {
  const a = sampleGamma(random, alpha);
  const b = sampleGamma(random, alpha);
  // For a tiny α both can be too small for a float64.
  return a + b > 0 ? a / (a + b) : Math.round(random.uniform());
}

/**
 * A number from Gamma(α, 1).
 *
 * @see Marsaglia & Tsang 2000, "A simple method for generating gamma variables", with §6 for α < 1
 */
function sampleGamma(random: Random, alpha: number): number {
  if (alpha < 1) {
    const u = 1 - random.uniform();
    return sampleGamma(random, alpha + 1) * u ** (1 / alpha);
  }
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.uniform();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
