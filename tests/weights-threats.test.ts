import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// Attacks through weight files that were published or are known: each is a test by its name.

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const THREATS: readonly string[] = [
  'pickle: __reduce__ to any callable',
  'nested in containers',
  'in the persistent id',
  "in a legacy stream's tail",
  'CVE-2025-32434',
  'pickle: a valid payload followed by garbage (picklescan evasions)',
  'memo bomb',
  'billion laughs',
  'huge BINPUT indices',
  'LONG4 of gigabytes',
  'CVE-2024-3660: a Lambda layer with marshalled code',
  'CVE-2025-1550',
  'CVE-2025-49655',
  'Keras: safe mode bypassed',
  'Keras: configs that fetch URLs',
  'external storage: HDF5 that reads other files',
  'external links: HDF5 that reads other files',
  'zip slip: names with "../", absolute, drive letters, links out',
  'tar slip',
  'zip: bombs (ratio, nesting, overlapping entries)',
  'zip: duplicate names',
  'zip: sizes that lie between local header and directory',
  'a header length beyond the file',
  'overlapping offsets',
  'gapped offsets',
  'dtype × shape ≠ bytes',
  'duplicate keys',
  'a header of 100 MB',
  'CVE-2022-25878, CVE-2023-36665',
  'protobuf: groups nested 10⁵ deep',
  'protobuf: varints without end',
  'protobuf: lengths over 2³¹',
];

const sources = ['weights', 'export'].flatMap((name) => {
  const folder = join(ROOT, 'packages', name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'));
});

test.each(THREATS)('%s', (threat) => {
  // At the beginning of a test's name, or of one among several.
  const named = sources.filter((source) =>
    ["'", '"', '`'].some((q) => source.includes(q + threat)),
  );
  expect(named.length).toBeGreaterThan(0);
});
