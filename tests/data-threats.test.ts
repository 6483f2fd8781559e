import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// Attacks through pictures, archives and lists that were published or are known: each is a test by its name.

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const THREATS: readonly string[] = [
  'zip slip: names with "../", absolute, drive letters',
  'tar: names with "../", absolute, drive letters, links out',
  'zip: links, other methods, a bomb by its ratio',
  'zip, tar: bombs (ratio)',
  'zip, tar: nesting',
  'zip: bombs of overlapping entries',
  'zip: duplicate names',
  'zip: sizes that lie between local header and directory',
  '50,000 × 50,000 pixels in 10 kB',
  'truncated scans',
  'an SVG posing as PNG',
  'EXIF of megabytes',
  'animated files without end',
  'terabytes promised',
  'counts that promise terabytes',
  'lines of gigabytes',
  'a cell of gigabytes',
  '`__proto__` as a label',
  'labels with control characters',
  'a link loop of folders',
  'pipes and devices',
];

const folders = [join(ROOT, 'packages/data/src'), join(ROOT, 'tests')];
const own = fileURLToPath(import.meta.url);
const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => path.endsWith('.test.ts') && path !== own)
    .map((path) => readFileSync(path, 'utf8')),
);

test.each(THREATS)('%s', (threat) => {
  // At the beginning of a test's name, or of one among several.
  const named = sources.filter((source) =>
    ["'", '"'].some((quote) => source.includes(quote + threat)),
  );
  expect(named.length).toBeGreaterThan(0);
});
