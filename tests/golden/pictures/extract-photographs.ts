import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readPhotographs } from './read-pictures.ts';

/** The real data: beside the repository, or where ALEXNET_DATA says. */
export const PHOTOGRAPH_SOURCE: string = resolve(
  process.env.ALEXNET_DATA ?? join(import.meta.dirname, '../../../../shared/data'),
);

export const hasPhotographs: boolean = existsSync(PHOTOGRAPH_SOURCE);
export const PHOTOGRAPHS_MISSING = `the real data is not at ${PHOTOGRAPH_SOURCE} (set ALEXNET_DATA)`;

/**
 * Extracts the photographs that `photographs.json.gz` speaks of.
 *
 * @returns a new folder that holds a folder for each tar file, named like it
 * @throws Error if the real data is not there
 */
export function extractPhotographs(): string {
  if (!hasPhotographs) throw new Error(PHOTOGRAPHS_MISSING);
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-photographs-'));
  const photographs = readPhotographs();
  for (const tar of new Set(photographs.map((photograph) => photograph.tar))) {
    mkdirSync(join(folder, tar));
    const members = photographs.filter((photograph) => photograph.tar === tar);
    const files = members.map(({ file }) => file);
    execFileSync('tar', ['-xf', join(PHOTOGRAPH_SOURCE, tar), '-C', join(folder, tar), ...files]);
  }
  return folder;
}
