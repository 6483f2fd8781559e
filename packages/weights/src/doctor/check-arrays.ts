import { quoteName } from '../quote-name.ts';
import type { WeightFile, WeightType } from '../weight-file.ts';
import type { TensorStatistics } from './tensor-statistics.ts';
import type { WeightCheck } from './weight-check.ts';

export function checkFormat(
  { format, notes }: WeightFile,
  tensors: readonly TensorStatistics[],
  dtypes: readonly WeightType[],
): WeightCheck {
  const [first] = notes;
  const count = tensors.length === 1 ? '1 array' : `${tensors.length} arrays`;
  const detail = `${format}: ${count} of ${dtypes.join(', ')}${first ? `; ${first}` : '.'}`;
  return { name: 'format', ok: true, detail };
}

export function checkNumbers(tensors: readonly TensorStatistics[]): WeightCheck {
  const broken = tensors.filter(({ nans, infinities }) => nans + infinities > 0);
  const [worst] = broken;
  if (!worst) return { name: 'numbers', ok: true, detail: 'All numbers are finite.' };
  return {
    name: 'numbers',
    ok: false,
    detail: `${broken.length} arrays have numbers that are none; ${quoteName(worst.name)} has ${worst.nans} NaN and ${worst.infinities} infinite ones.`,
    remedy: 'The training broke, or halves ran over: take an older checkpoint, or one in float32.',
  };
}

/** No AlexNet has weights that large; pixels and codes of quantised files are. */
const LARGEST_WEIGHT = 1000;

export function checkRange(tensors: readonly TensorStatistics[]): WeightCheck {
  const floats = tensors.filter(({ shape }) => shape.length > 1);
  const large = floats.find(({ min, max }) => Math.max(-min, max) > LARGEST_WEIGHT);
  const flat = floats.find(({ std }) => std === 0);
  const min = floats.reduce((least, each) => Math.min(least, each.min), Number.POSITIVE_INFINITY);
  const max = floats.reduce((most, each) => Math.max(most, each.max), Number.NEGATIVE_INFINITY);
  if (large) {
    return {
      name: 'range',
      ok: false,
      detail: `${quoteName(large.name)} reaches from ${format(large.min)} to ${format(large.max)}: these are no weights of an AlexNet.`,
      remedy: 'Is the file quantised, or a picture, or damaged?',
    };
  }
  if (flat) {
    return {
      name: 'range',
      ok: false,
      detail: `${quoteName(flat.name)} has the same number throughout, ${format(flat.max)}.`,
      remedy: 'The file was made without its weights: export it again.',
    };
  }
  const detail =
    floats.length > 0 ? `Weights from ${format(min)} to ${format(max)}.` : 'No weights.';
  return { name: 'range', ok: floats.length > 0, detail };
}

function format(value: number): string {
  return value.toPrecision(3);
}
