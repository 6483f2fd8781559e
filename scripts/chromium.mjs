// The Chromium that the browser tests drive: the one that the command finds, or, as root on Debian and
// Ubuntu, one that is installed. Usage: node scripts/chromium.mjs   (prints its path)
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installDebianPackage } from './apt.mjs';
import { isMain, root } from './processes.mjs';
import { setUp } from './setup.mjs';

/**
 * Needs the build.
 *
 * @returns {Promise<{ chromium: string } | { missing: string }>} the program's path, or what is
 *   missing and what to do about it.
 */
export async function prepareChromium() {
  const path = join(root, 'apps', 'cli', 'dist', 'parity', 'find-chromium.js');
  const { findChromium } = await import(pathToFileURL(path).href);
  const found = await findChromium();
  if ('chromium' in found) return found;
  // One that was named is not replaced.
  const installed = process.env.ALEXNET_CHROMIUM
    ? { code: 1, output: '' }
    : await installDebianPackage('chromium');
  if (installed.code === 0) return await findChromium();
  const attempt = installed.output.trimEnd().split('\n').at(-1);
  const tried = attempt ? `\nIt was not installed: ${attempt}` : '';
  return { missing: `${found.missing}\n${found.remedy}${tried}` };
}

if (isMain(import.meta.url)) {
  await setUp();
  const result = await prepareChromium();
  if ('chromium' in result) {
    process.stdout.write(`${result.chromium}\n`);
  } else {
    process.stderr.write(`${result.missing}\n`);
    process.exitCode = 1;
  }
}
