/** A share between 0 and 1 in per cent: `93.5 %`. */
export function formatShare(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(digits)} %` : '–';
}

/** A count with its thousands apart: `12,000`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A loss or a rate: four significant digits, `0.4312`, `1.5e-5`. */
export function formatDecimal(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  }
  return String(Number(value.toPrecision(4)));
}

/** The number at a tick, as short as its neighbours allow: `0.5`, `20k`, `1e-4`. */
export function formatTick(value: number, step: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6) return `${trim(value / 1e6, step / 1e6)}M`;
  if (size >= 1e4) return `${trim(value / 1e3, step / 1e3)}k`;
  if (step < 1e-3) return formatDecimal(Number(value.toPrecision(3)));
  return trim(value, step);
}

function trim(value: number, step: number): string {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toFixed(Math.min(digits, 6));
}
