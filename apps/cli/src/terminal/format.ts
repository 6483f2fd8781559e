/** `97.3 %` of a share between 0 and 1. */
export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** `233.1 MiB` */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}

/** `233 MiB`, `1.1 MiB`: for a column. */
export function formatShortBytes(bytes: number): string {
  const [value = '', unit = ''] = formatBytes(bytes).split(' ');
  return `${Number(value) < 10 ? Number(value) : Math.round(Number(value))} ${unit}`;
}

/** `60,965,224`. Not by the locale's rules, which take 7 MB to load, for whole numbers. */
export function formatCount(count: number): string {
  return Number.isSafeInteger(count)
    ? String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
    : count.toLocaleString('en-US');
}

/**
 * Lines of a table: columns as wide as their widest cell, numbers to the right, and columns of these titles.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { rightAligned = [] }: { readonly rightAligned?: readonly string[] } = {},
): readonly string[] {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? formatCount(cell) : cell)),
  );
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const isRight = header.map(
    (title, column) =>
      rightAligned.includes(title) || rows.every((row) => typeof row[column] === 'number'),
  );
  const align = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isRight[column] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [align(header), align(widths.map((width) => '─'.repeat(width))), ...cells.map(align)];
}

/** `1 epoch`, `1,020 steps` */
export function formatNumberOf(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`;
}
