/** How many places a histogram has. */
const BINS = 2048;

/**
 * How often which magnitude comes, of numbers whose largest is not known before: the histogram doubles its reach when a
 * larger one comes. Zeros are not counted: whatever the steps, they are exact.
 */
export class MagnitudeHistogram {
  /** 0 until something is added. */
  min = 0;
  max = 0;
  /** Numbers that were not finite. */
  strays = 0;
  /** Magnitude at the end of the last place. */
  reach = 0;
  readonly counts: Float64Array = new Float64Array(BINS);
  private isEmpty = true;

  add(values: Float32Array): void {
    this.measure(values);
    const { counts } = this;
    const perUnit = BINS / this.reach;
    for (const value of values) {
      const magnitude = Math.abs(value);
      if (!(magnitude > 0 && magnitude < Number.POSITIVE_INFINITY)) continue;
      const bin = Math.min(BINS - 1, Math.floor(magnitude * perUnit));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }

  /** The magnitude that this share of them does not exceed. */
  findThreshold(share: number): number {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    let sum = 0;
    for (const [bin, count] of this.counts.entries()) {
      sum += count;
      if (sum >= share * total) return (this.reach * (bin + 1)) / BINS;
    }
    return this.reach;
  }

  private measure(values: Float32Array): void {
    for (const value of values) {
      if (!Number.isFinite(value)) {
        this.strays += 1;
        continue;
      }
      if (value < this.min || this.isEmpty) this.min = value;
      if (value > this.max || this.isEmpty) this.max = value;
      this.isEmpty = false;
    }
    const largest = Math.max(Math.abs(this.min), Math.abs(this.max));
    if (this.reach === 0) this.reach = largest;
    while (this.reach < largest) this.double();
  }

  private double(): void {
    const { counts } = this;
    for (let bin = 0; bin < BINS; bin++) {
      const [low, high] = [counts[2 * bin] ?? 0, counts[2 * bin + 1] ?? 0];
      counts[bin] = low + high;
    }
    this.reach *= 2;
  }
}
