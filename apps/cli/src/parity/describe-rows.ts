import { formatPercent, formatTable } from '../terminal/format.ts';
import type { MeasuredRow, ParityRow } from './measure-parity.ts';
import type { ParitySubject } from './runtime.ts';

/** The table as lines of text, and what is to be said of its rows. */
export function describeRows(
  rows: readonly ParityRow[],
  subject: ParitySubject,
): readonly string[] {
  const taps = subject.taps.map(({ name }) => name);
  const measured = rows.filter((row) => row.state === 'ran');
  const header = ['runtime', 'device', ...taps, 'allowed', 'same top-1', 'ms a picture', ''];
  const cells = measured.map((row, index) => [
    row.runtime,
    row.device,
    ...taps.map((tap) => formatTap(row, tap)),
    index === 0 ? 'reference' : row.tolerance.share.toExponential(0),
    formatPercent(row.top1Agreement),
    row.milliseconds.toFixed(1),
    row.passed ? '' : 'DIFFERS',
  ]);
  const rightAligned = [...taps, 'allowed', 'same top-1', 'ms a picture'];
  return [
    ...formatTable(header, cells, { rightAligned }),
    `Largest error, as a share of the largest value there, of ${describePictures(subject)}.`,
    ...describeAbsent(rows),
  ];
}

function formatTap({ taps }: MeasuredRow, name: string): string {
  const error = taps.find((tap) => tap.name === name)?.maxRelativeError;
  return error === undefined ? '–' : error === 0 ? '0' : error.toExponential(1);
}

function describePictures({ input }: ParitySubject): string {
  const [count = 0] = input.shape;
  return count === 1 ? 'one picture' : `${count} pictures`;
}

function describeAbsent(rows: readonly ParityRow[]): readonly string[] {
  return rows.flatMap((row) => {
    if (row.state === 'ran') return [];
    const remedy = row.remedy === undefined ? [] : [`  ${row.remedy}`];
    const state = row.state === 'failed' ? 'FAILED' : row.state;
    return ['', `${row.runtime}, ${row.device}: ${state}. ${row.reason}`, ...remedy];
  });
}
