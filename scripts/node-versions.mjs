// The oldest Node that the project takes and the newest there is, for tests that run under both, made once, outside of
// the tree: ~/.cache/alexnet/nodes-<hash>. Usage: node scripts/node-versions.mjs   (prints the folder)
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isMain, root, runNpm } from './processes.mjs';

/** By checksum. Its first package is the manifest; `npm install --package-lock-only` writes it anew. */
const LOCK = join(root, 'tests', 'node-versions.lock.json');

/**
 * @returns {Promise<{ nodes: string } | { missing: string }>} a folder with `node-oldest/bin/node` and
 *   `node-newest/bin/node`, or what is missing and what to do about it
 */
export async function prepareNodeVersions() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { missing: 'Other versions of Node are fetched for Linux x64 alone.' };
  }
  const lock = readFileSync(LOCK);
  const hash = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'alexnet', `nodes-${hash}`);
  const nodes = join(folder, 'node_modules');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return { nodes };

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package-lock.json'), lock);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(JSON.parse(lock).packages['']));
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await runNpm('npm', args, { cwd: folder });
  if (code !== 0) return { missing: `npm could not install ${LOCK}:\n${output.trimEnd()}` };
  writeFileSync(complete, '');
  return { nodes };
}

if (isMain(import.meta.url)) {
  const result = await prepareNodeVersions();
  if ('nodes' in result) {
    process.stdout.write(`${result.nodes}\n`);
  } else {
    process.stderr.write(`${result.missing}\n`);
    process.exitCode = 1;
  }
}
