import { escapeText, renderPage } from '@alexnet/train';
import { formatPercent } from '../terminal/format.ts';
import type { AbsentRow, MeasuredRow, ParityRow } from './measure-parity.ts';
import type { ParitySubject } from './runtime.ts';

/** The table as a page that needs nothing else. */
export function renderParityPage(
  rows: readonly ParityRow[],
  { taps, input, name }: ParitySubject,
): string {
  const names = taps.map((tap) => tap.name);
  const measured = rows.filter((row) => row.state === 'ran');
  const absent = rows.filter((row) => row.state !== 'ran');
  const header = ['Runtime', 'Device', ...names, 'Allowed', 'Same top-1', 'ms a picture'];
  const body = [
    renderSummary([
      ['Result', rows.every(({ passed }) => passed) ? 'all agree' : 'not all agree'],
      ['Runtimes', `${measured.length} of ${rows.length} ran`],
      ['Pictures', String(input.shape[0])],
    ]),
    '<section><h2>Largest errors</h2><p>At each depth of the network: the largest difference from the float64 interpreter, as a share of the largest value there.</p>',
    '<div class="scroll" tabindex="0" role="region" aria-label="Largest errors by runtime"><table>',
    `<thead><tr>${header.map((title) => `<th scope="col">${escapeText(title)}</th>`).join('')}</tr></thead>`,
    `<tbody>${measured.map((row, index) => renderRow(row, { names, isReference: index === 0 })).join('')}</tbody></table></div></section>`,
    renderReasons(measured.slice(1)),
    absent.length > 0 ? renderAbsent(absent) : '',
  ];
  return renderPage(`${name}: do the runtimes agree?`, body.join('\n'));
}

function renderSummary(entries: readonly (readonly [name: string, value: string])[]): string {
  const items = entries.map(
    ([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`,
  );
  return `<dl class="summary">${items.join('')}</dl>`;
}

function renderRow(
  row: MeasuredRow,
  { names, isReference }: { readonly names: readonly string[]; readonly isReference: boolean },
): string {
  const errors = names.map((name) => {
    const error = row.taps.find((tap) => tap.name === name)?.maxRelativeError;
    if (error === undefined) return '<td>–</td>';
    const verdict = isReference ? '' : error <= row.tolerance.share ? 'right' : 'wrong';
    const text = error === 0 ? '0' : error.toExponential(1);
    return `<td class="${verdict}"><span class="verdict">${text}</span></td>`;
  });
  const cells = [
    isReference ? 'reference' : row.tolerance.share.toExponential(0),
    formatPercent(row.top1Agreement),
    row.milliseconds.toFixed(1),
  ];
  return `<tr><th scope="row">${escapeText(row.runtime)}</th><td>${escapeText(row.device)}</td>${errors.join('')}${cells.map((cell) => `<td>${escapeText(cell)}</td>`).join('')}</tr>`;
}

function renderReasons(rows: readonly MeasuredRow[]): string {
  const items = rows.map(
    ({ runtime, device, tolerance }) =>
      `<li>${escapeText(`${runtime}, ${device}: ${tolerance.share.toExponential(0)}, ${tolerance.reason}`)}</li>`,
  );
  return `<section><h2>What is allowed, and why</h2><ul>${items.join('')}</ul></section>`;
}

function renderAbsent(rows: readonly AbsentRow[]): string {
  const items = rows.map(
    ({ runtime, device, state, reason, remedy }) =>
      `<li><b>${escapeText(`${runtime}, ${device}: ${state}`)}</b><br>${escapeText(reason)}${remedy === undefined ? '' : `<br>${escapeText(remedy)}`}</li>`,
  );
  return `<section><h2>Not compared</h2><ul>${items.join('')}</ul></section>`;
}
