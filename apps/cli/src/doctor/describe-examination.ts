import type { WeightCheck, WeightExamination } from '@alexnet/weights';
import { formatPercent, formatTable } from '../terminal/format.ts';

/** What was looked at, each with what was found and what to do about it; then what was assumed. */
export function describeChecks({ checks, imported }: WeightExamination): readonly string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const describe = ({ name, ok, detail, remedy }: WeightCheck) => {
    const [first = '', ...more] = detail.split('\n');
    const indent = ' '.repeat(width + 4);
    return [
      `${ok ? '✓' : '!'} ${name.padEnd(width)}  ${first}`,
      ...more.map((line) => `${indent}${line}`),
      ...(remedy === undefined ? [] : [`${indent}→ ${remedy}`]),
    ];
  };
  const assumed = imported?.report.conventions ?? [];
  return [
    ...checks.flatMap(describe),
    ...(assumed.length > 0 ? ['', 'Assumed, because shapes and names do not tell:'] : []),
    ...assumed.map((line) => `- ${line}`),
  ];
}

/** A table of all arrays. */
export function describeArrays({ tensors }: WeightExamination): readonly string[] {
  const number = (value: number) => value.toPrecision(3);
  const rows = tensors.map(
    ({ name, dtype, shape, min, max, mean, std, zeros, nans, infinities }) => [
      name,
      dtype,
      shape.join('×'),
      number(min),
      number(max),
      number(mean),
      number(std),
      formatPercent(zeros),
      nans + infinities,
    ],
  );
  const header = ['array', 'type', 'shape', 'min', 'max', 'mean', 'std', 'zeros', 'not finite'];
  return ['', ...formatTable(header, rows)];
}
