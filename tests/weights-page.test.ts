import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CATALOGUE, type PublishedWeights } from '@alexnet/weights';
import { expect, test } from 'vitest';

// docs/weights.md says of published weights what the catalogue says.

const PAGE = fileURLToPath(new URL('../docs/weights.md', import.meta.url));

const HEADER = ['weights', 'file', 'bytes', 'preset', 'preprocessing', 'top-1 / top-5', 'checksum'];

function describeRow(weights: PublishedWeights): readonly string[] {
  const { id, fileName, sizeBytes, preset, preprocessing, accuracy, checksums } = weights;
  const [measured] = accuracy;
  const [checksum] = checksums;
  return [
    `\`${id}\``,
    fileName,
    sizeBytes.value.toLocaleString('en'),
    `\`${preset}\``,
    preprocessing,
    measured ? `${measured.top1} / ${measured.top5}` : '–',
    `${checksum?.algorithm} ${checksum?.value.slice(0, 8)}…, by ${checksum?.by === 'publisher' ? 'the publisher' : 'others'}`,
  ];
}

test('the table of the page is that of the catalogue', async () => {
  const page = await readFile(PAGE, 'utf8');
  const [, found] = /<!-- table: published -->\n([\s\S]*?)<!-- end -->/.exec(page) ?? [];
  const rows = [HEADER, HEADER.map(() => '---'), ...CATALOGUE.map(describeRow)];
  expect(found).toBe(rows.map((row) => `| ${row.join(' | ')} |\n`).join(''));
});
