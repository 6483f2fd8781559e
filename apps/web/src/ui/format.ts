/** `97.9 %`; what rounds to nothing is `< 0.1 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return percent > 0 && percent < 0.05 ? '< 0.1 %' : `${percent.toFixed(1)} %`;
}

/** `20.3 points`: the difference of two shares in per cent. */
export function formatPoints(difference: number): string {
  return `${(difference * 100).toFixed(1)} points`;
}

/** `4.2 ms`, `23 ms`, `1.9 s` */
export function formatDuration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}
