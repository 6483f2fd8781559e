/** One thing that was looked at. */
export interface WeightCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do, where something is not in order. */
  readonly remedy?: string;
}
