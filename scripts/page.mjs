// The page of apps/web: `pnpm build` builds it, `pnpm web` serves it on 127.0.0.1, as its Vite
// configuration says.
import { join } from 'node:path';
import { isMain, root, runTool } from './processes.mjs';
import { setUp } from './setup.mjs';

const folder = join(root, 'apps', 'web');

/**
 * Bundles the page into apps/web/dist; the packages that it uses are built before.
 *
 * @returns {Promise<{ code: number, output: string }>}
 */
export function buildPage() {
  return runTool('vite', ['build', '--logLevel', 'warn'], { cwd: folder });
}

async function servePage(args) {
  const { code, output } = await buildPage();
  if (code !== 0) throw new Error(`${output.trimEnd()}\n\nThe page was not built.`);
  return runTool('vite', ['preview', ...args], { cwd: folder, inherit: true });
}

if (isMain(import.meta.url)) {
  try {
    await setUp();
    process.exitCode = (await servePage(process.argv.slice(2))).code;
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
