// `pnpm alexnet …` and `npm run alexnet -- …`: the command, built first where a source changed.
// It runs in this process, so that signals and the exit code are its own.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './processes.mjs';
import { setUp } from './setup.mjs';

const command = join(root, 'apps', 'cli', 'bin', 'alexnet.js');

try {
  await setUp();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
// What stood where the user called; npm and pnpm set it, a direct call does not.
process.env.INIT_CWD ??= process.cwd();
if (!existsSync(join(root, 'apps', 'cli', 'dist', 'main.js'))) {
  process.stderr.write('apps/cli/dist/main.js is missing: run `npm run build`.\n');
  process.exit(1);
}
process.argv = [process.execPath, command, ...process.argv.slice(2)];
await import(pathToFileURL(command).href);
