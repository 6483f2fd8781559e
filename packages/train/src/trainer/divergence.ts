/** The step whose loss was no number. */
export interface Divergence {
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  /** Rows of its batch whose scores were no numbers. */
  readonly rows: readonly number[];
}
