export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Exponential moving average, freed from its start: the first values count as much as they should.
 *
 *   mᵢ = β·mᵢ₋₁ + (1 − β)·yᵢ,  out = mᵢ / (1 − βⁱ)
 *
 * @param span - number of points that an average looks back on, about; β = 1 − 2 / (span + 1)
 */
export function smoothPoints(points: readonly Point[], span: number): Point[] {
  const beta = 1 - 2 / (Math.max(1, span) + 1);
  let mean = 0;
  let weight = 0;
  return points
    .filter(({ y }) => Number.isFinite(y))
    .map(({ x, y }) => {
      mean = beta * mean + (1 - beta) * y;
      weight = beta * weight + (1 - beta);
      return { x, y: mean / weight };
    });
}

/**
 * Thins a curve to at most 2 × `buckets` points, keeping the lowest and the highest of each stretch, so
 * that no spike is lost however long the training was.
 */
export function thinPoints(points: readonly Point[], buckets: number): readonly Point[] {
  if (points.length <= buckets * 2) return points;
  return Array.from({ length: buckets }, (_, bucket) => {
    const from = Math.floor((bucket * points.length) / buckets);
    const to = Math.floor(((bucket + 1) * points.length) / buckets);
    const stretch = points.slice(from, to);
    const lowest = stretch.reduce((a, b) => (b.y < a.y ? b : a));
    const highest = stretch.reduce((a, b) => (b.y > a.y ? b : a));
    if (lowest === highest) return [lowest];
    return lowest.x < highest.x ? [lowest, highest] : [highest, lowest];
  }).flat();
}
