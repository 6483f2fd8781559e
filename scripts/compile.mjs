// Compiles the packages with `tsc -b`, if a file changed since the last time.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { root, runTool, secondsSince } from './processes.mjs';

const stamp = join(root, 'node_modules', '.cache', 'alexnet', 'built');

/**
 * Builds the `alexnet` command and every package that it uses, if something changed.
 * Progress goes to stderr.
 *
 * @throws Error with the compiler's output.
 */
export async function buildPackages() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint()) return;
  const start = performance.now();
  process.stderr.write('Building … ');
  const { code, output } = await compile(['apps/cli']);
  if (code !== 0) {
    process.stderr.write('failed\n');
    throw new Error(`${output.trimEnd()}\n\nThe build failed.`);
  }
  process.stderr.write(`${secondsSince(start)}\n`);
}

/**
 * `tsc -b` over some projects, the whole tree by default, and removes what it built from sources
 * that are gone.
 *
 * @param {readonly string[]} [projects]
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function compile(projects = ['.']) {
  const before = fingerprintSources();
  // The projects are built side by side; a second checker in each costs more than it brings.
  const result = await runTool('typescript', ['-b', ...projects, '--checkers', '1']);
  removeOrphans();
  if (result.code === 0) {
    mkdirSync(dirname(stamp), { recursive: true });
    // A file that changed while the compiler ran makes the next call build again.
    writeFileSync(stamp, `${before} ${fingerprintOutputs()}`);
  }
  return result;
}

function fingerprint() {
  return `${fingerprintSources()} ${fingerprintOutputs()}`;
}

function fingerprintSources() {
  const names = ['package.json', 'tsconfig.base.json', 'tsconfig.json', 'pnpm-lock.yaml'];
  const paths = [
    ...names.map((name) => join(root, name)),
    ...listFiles(join(root, 'types')),
    ...packages().flatMap((folder) => [
      ...listFiles(join(folder, 'src')),
      ...['package.json', 'tsconfig.json'].map((name) => join(folder, name)),
    ]),
  ];
  return hashStats(paths.filter((path) => existsSync(path)));
}

function fingerprintOutputs() {
  return hashStats(packages().flatMap((folder) => listFiles(join(folder, 'dist'))));
}

function hashStats(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

/** What the compiler builds. A page is bundled, and its `dist` is not the compiler's. */
function packages() {
  return ['packages', 'apps']
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)))
    .filter((folder) => !existsSync(join(folder, 'vite.config.ts')));
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

function removeOrphans() {
  for (const folder of packages()) {
    const dist = join(folder, 'dist');
    for (const path of listFiles(dist)) {
      const match = /^(.*)\.(?:js|d\.ts)(?:\.map)?$/.exec(path.slice(dist.length));
      if (match && !existsSync(join(folder, 'src', `${match[1]}.ts`))) rmSync(path);
    }
  }
}
