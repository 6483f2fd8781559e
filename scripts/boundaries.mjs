// `turbo boundaries`, made to fail where it sees less than there is.
// Usage: node scripts/boundaries.mjs [folder]   (default: this repository)
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isMain, root, runTool } from './processes.mjs';

/**
 * @param {string} [folder]
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function checkBoundaries(folder = root) {
  const workspaces = listWorkspaces(folder);
  const untagged = workspaces.filter((path) => readTags(join(folder, path)).length === 0);
  if (untagged.length > 0) {
    const output = `No boundary holds for ${untagged.join(', ')}: add "tags" to its turbo.json.\n`;
    return { code: 1, output };
  }
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NO_COLOR: '1' };
  const args = ['boundaries', '--no-update-notifier', '--cwd', folder];
  const { code, output } = await runTool('turbo', args, { env });
  const [, files = '0', packages = '0'] =
    /Checked (\d+) files? in (\d+) packages?/.exec(output) ?? [];
  if (code === 0 && (Number(files) === 0 || Number(packages) < Math.max(1, workspaces.length))) {
    const message = `turbo saw ${files} files in ${packages} of ${workspaces.length} packages.\n`;
    return { code: 1, output: output + message };
  }
  return { code, output };
}

/** The folders of pnpm-workspace.yaml's packages that hold a package.json. */
function listWorkspaces(folder) {
  const [, list = ''] =
    /^packages:\n((?: {2}- .+\n)*)/m.exec(
      readFileSync(join(folder, 'pnpm-workspace.yaml'), 'utf8'),
    ) ?? [];
  return list
    .split('\n')
    .map((line) => line.replace(/^ {2}- /, '').trim())
    .filter((pattern) => pattern !== '')
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const parent = pattern.slice(0, -2);
      if (!existsSync(join(folder, parent))) return [];
      return readdirSync(join(folder, parent)).map((name) => `${parent}/${name}`);
    })
    .filter((path) => existsSync(join(folder, path, 'package.json')));
}

function readTags(folder) {
  const path = join(folder, 'turbo.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')).tags ?? []) : [];
}

if (isMain(import.meta.url)) {
  const { code, output } = await checkBoundaries(resolve(process.argv[2] ?? root));
  process.stdout.write(output);
  process.exitCode = code;
}
