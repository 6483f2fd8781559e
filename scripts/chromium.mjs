// The Chromium that the browser tests drive: ALEXNET_CHROMIUM, or the one of the system, or, as root
// on Debian and Ubuntu, installed. Usage: node scripts/chromium.mjs   (prints its path)
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installDebianPackage } from './apt.mjs';
import { isMain, run } from './processes.mjs';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const REMEDY =
  'Install Chromium or Google Chrome (on Debian: apt-get install chromium), or name one: ALEXNET_CHROMIUM=/path/to/chrome';

/**
 * @returns {Promise<{ chromium: string } | { missing: string }>} the program's path, or what is
 *   missing and what to do about it.
 */
export async function prepareChromium() {
  const named = process.env.ALEXNET_CHROMIUM;
  if (named) {
    const { runs, output } = await tryProgram(named);
    if (runs) return { chromium: named };
    return { missing: `ALEXNET_CHROMIUM=${named} does not run:\n${output.trimEnd()}` };
  }
  const found = await findChromium();
  if ('chromium' in found) return found;
  const installed = await installDebianPackage('chromium');
  if (installed.code === 0) return await findChromium();
  return { missing: `${found.missing}\nIt was not installed: ${lastLine(installed.output)}` };
}

async function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const broken = [];
  for (const path of [...onPath, ...PLACES].filter((path) => existsSync(path))) {
    const { runs, output } = await tryProgram(path);
    if (runs) return { chromium: path };
    broken.push(`${path} does not run: ${lastLine(output)}`);
  }
  const seen = broken.length > 0 ? broken.join('\n') : 'There is no Chromium here.';
  return { missing: `${seen}\n${REMEDY}` };
}

/** Ubuntu's `chromium-browser` may be a script that only says where the real one is. */
async function tryProgram(path) {
  // On Windows `chrome.exe --version` opens a window.
  if (process.platform === 'win32') return { runs: existsSync(path), output: 'no such file' };
  const { code, output } = await run(path, ['--version']);
  return { runs: code === 0 && /\d+\.\d+\.\d+/.test(output), output };
}

function lastLine(text) {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

if (isMain(import.meta.url)) {
  const result = await prepareChromium();
  if ('chromium' in result) {
    process.stdout.write(`${result.chromium}\n`);
  } else {
    process.stderr.write(`${result.missing}\n`);
    process.exitCode = 1;
  }
}
