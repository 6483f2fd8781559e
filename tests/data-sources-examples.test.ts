import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodePng } from '@alexnet/data/node';
import { afterAll, beforeAll, expect, test } from 'vitest';

// The programs of examples/data-sources do what they say.

const EXAMPLES = fileURLToPath(new URL('../examples/data-sources/', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'alexnet-examples-'));
afterAll(() => rmSync(root, { recursive: true }));

beforeAll(async () => {
  for (const [place, label] of ['cat', 'dog'].entries()) {
    mkdirSync(join(root, 'photos', label), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const pixels = Uint8Array.from(
        { length: 40 * 48 },
        (_, at) => (at * (i + 2) + place * 91) % 256,
      );
      writeFileSync(
        join(root, 'photos', label, `${i}.png`),
        await encodePng({ width: 48, height: 40, channels: 1, pixels }),
      );
    }
  }
  writeFileSync(join(root, 'photos/dog/bad.png'), 'text');
  spawnSync('tar', ['-cf', join(root, 'photos.tar'), '-C', root, 'photos']);
});

function run(program: string, ...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(EXAMPLES, program), ...args],
    {
      encoding: 'utf8',
    },
  );
  expect(stderr).toBe('');
  return { status, lines: stdout.trimEnd().split('\n') };
}

test('batches.mjs reads an archive in batches and names what it skipped', () => {
  const { status, lines } = run('batches.mjs', join(root, 'photos.tar'));
  expect(status).toBe(0);
  expect(lines[0]).toBe('folder: 25 pictures, 2 classes');
  expect(lines).toContain('  It has 2 sub-folders: each is taken for a class.');
  expect(lines.filter((line) => line.startsWith('batch of'))).toHaveLength(2);
  const [, read, skipped] =
    /^(\d+) read, (\d+) skipped, 6 kept for validation$/m.exec(lines.join('\n')) ?? [];
  expect(Number(read) + Number(skipped)).toBe(19);
  const named = lines.filter((line) =>
    line.endsWith('photos/dog/bad.png is a text file, not a picture.'),
  );
  expect(named).toHaveLength(Number(skipped));
});

test('own-source.mjs splits and reads a data set of its own', () => {
  const { status, lines } = run('own-source.mjs');
  expect(status).toBe(0);
  expect(lines).toEqual([
    'training: 16 across, 15 down',
    'validation: 4 across, 4 down',
    'skipped stripes 7: stripes 7 got wet',
  ]);
});

test('check.mjs names what is wrong', () => {
  const { status, lines } = run('check.mjs', join(root, 'photos'));
  expect(status).toBe(1);
  expect(lines).toContain(`  ${join(root, 'photos/dog/bad.png')}`);
  expect(lines.join('\n')).toMatch(/serious · undecodable: .*bad\.png is a text file/);
});
