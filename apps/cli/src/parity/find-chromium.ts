import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

export type FoundChromium =
  | { readonly chromium: string }
  | { readonly missing: string; readonly remedy: string };

/** A Chromium of this machine that runs: the one that ALEXNET_CHROMIUM names, or one in the usual places. */
export async function findChromium(): Promise<FoundChromium> {
  const named = process.env.ALEXNET_CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const candidates = named ? [named] : [...onPath, ...PLACES].filter((path) => existsSync(path));
  const broken: string[] = [];
  for (const path of candidates) {
    const fault = await findFault(path);
    if (fault === null) return { chromium: path };
    broken.push(`${named ? 'ALEXNET_CHROMIUM=' : ''}${path} does not run: ${fault}`);
  }
  return {
    missing: broken.length > 0 ? broken.join('\n') : 'There is no Chromium here.',
    remedy:
      'Install Chromium or Google Chrome (on Debian: apt-get install chromium), or name one: ALEXNET_CHROMIUM=/path/to/chrome',
  };
}

/** Ubuntu's `chromium-browser` may be a script that only says where the real one is. */
async function findFault(path: string): Promise<string | null> {
  // On Windows `chrome.exe --version` opens a window.
  if (process.platform === 'win32') return existsSync(path) ? null : 'there is no such file';
  try {
    const { stdout } = await promisify(execFile)(path, ['--version']);
    return /\d+\.\d+\.\d+/.test(stdout) ? null : `it calls itself "${stdout.trim()}"`;
  } catch (error) {
    const { stderr = '', message = '' } = error as { stderr?: string; message?: string };
    return stderr.trimEnd().split('\n').at(-1) || message;
  }
}
