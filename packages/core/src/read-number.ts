import type { JsonReader } from './read-json.ts';

interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** The number is larger than this. */
  readonly above?: number;
  /** The number is smaller than this. */
  readonly below?: number;
}

/** Reads a number within a range. Apart from the rest: pages read none. @throws as the reader */
export function readNumber(json: JsonReader, range: NumberRange): number {
  const value = json.value();
  return typeof value === 'number' && Number.isFinite(value) && isWithin(value, range)
    ? value
    : json.fail(`a number${describeRange(range)}`);
}

function isWithin(value: number, range: NumberRange): boolean {
  const { POSITIVE_INFINITY: infinity } = Number;
  const { min = value, max = value, above = -infinity, below = infinity } = range;
  return value >= min && value <= max && value > above && value < below;
}

function describeRange({ min, max, above, below }: NumberRange): string {
  const bounds = [
    ...(min === undefined ? [] : [` of at least ${min}`]),
    ...(max === undefined ? [] : [` of at most ${max}`]),
    ...(above === undefined ? [] : [` above ${above}`]),
    ...(below === undefined ? [] : [` below ${below}`]),
  ];
  return bounds.join(' and');
}
