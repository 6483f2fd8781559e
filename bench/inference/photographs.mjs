import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Unpacks a tar of photographs. @returns their paths in the order of their names, and how to clean up */
export function unpackPhotographs(tar) {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-photographs-'));
  const { status, stderr } = spawnSync('tar', ['-xf', tar, '-C', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tar: ${stderr}`);
  const paths = readdirSync(folder, { recursive: true })
    .filter((name) => /\.jpe?g$/i.test(name))
    .sort()
    .map((name) => join(folder, name));
  return { folder, paths, remove: () => rmSync(folder, { recursive: true }) };
}

/** The middle value; of an even number the lower one of the two. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
