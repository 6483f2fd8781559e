import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PRESET_IDS } from '@alexnet/core';
import { afterAll, beforeAll, expect, test } from 'vitest';

// docs/which-alexnet.md says of every preset what the preset is: its tables are made from them.

const SCRIPT = fileURLToPath(new URL('../scripts/write-which-alexnet.mjs', import.meta.url));
const PAGE = fileURLToPath(new URL('../docs/which-alexnet.md', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-page-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The check on a page that was changed like this. */
async function check(change: (page: string) => string): Promise<unknown> {
  const file = join(folder, 'page.md');
  await writeFile(file, change(await readFile(PAGE, 'utf8')));
  return promisify(execFile)(process.execPath, [SCRIPT, '--check', file]);
}

test('the page is current; if not: node scripts/write-which-alexnet.mjs', async () => {
  expect(await check((page) => page)).toEqual({ stdout: '', stderr: '' });
});

test('a number that no preset has is found', async () => {
  const wrong = check((page) => page.replace('60,965,224', '60,965,225'));
  await expect(wrong).rejects.toThrow('is not what the presets say');
});

test('a table without its markers is found, and so is one that nobody makes', async () => {
  const unmarked = check((page) => page.replace('<!-- table: networks -->', ''));
  await expect(unmarked).rejects.toThrow('no place for: networks');
  const unknown = check((page) => `${page}<!-- table: prices -->\n<!-- end -->\n`);
  await expect(unknown).rejects.toThrow('no table "prices"');
});

test('every preset is in the advice on how to choose', async () => {
  const page = await readFile(PAGE, 'utf8');
  const [, advice = ''] = /## How to choose\n([\s\S]*?)<!-- table/.exec(page) ?? [];
  expect(PRESET_IDS.filter((id) => !advice.includes(`\`${id}\``))).toEqual([]);
});
