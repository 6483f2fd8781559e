// Makes the working tree ready: the right Node, the locked dependencies, the built packages.
// Does nothing where nothing changed. Progress goes to stderr: stdout belongs to the caller.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildPackages } from './compile.mjs';
import { isMain, root, runPnpm, secondsSince } from './processes.mjs';

const stamp = join(root, 'node_modules', '.cache', 'alexnet', 'installed');

/**
 * @param {{ build?: boolean, log?: (text: string) => void }} [options] build: also build what the
 *   command needs (default true). log: takes what is going on, by default to stderr.
 * @throws Error with a message that says what to do.
 */
export async function setUp({ build = true, log = writeToStderr } = {}) {
  checkNodeVersion();
  await installDependencies(log);
  if (build) await buildPackages();
}

/** Ends the process with a clear message if this Node is too old for the repository. */
export function checkNodeVersion() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = engines.node.replace(/^>=/, '');
  const [major, minor] = wanted.split('.').map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  process.stderr.write(
    `This needs Node ${wanted} or newer, and this is Node ${process.versions.node}.\n` +
      'Get it from https://nodejs.org, or: nvm install 22\n',
  );
  process.exit(1);
}

async function installDependencies(log) {
  const wanted = hashManifests();
  if (isInstalled() && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  const start = performance.now();
  log('Installing the dependencies … ');
  // `npm install` in this folder leaves a tree that pnpm does not know.
  if (existsSync(join(root, 'node_modules', '.package-lock.json'))) {
    rmSync(join(root, 'node_modules'), { recursive: true });
  }
  const { code, output } = await runPnpm(['install', '--frozen-lockfile']);
  if (code !== 0) {
    const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    log('failed\n');
    throw new Error(
      `${output.trimEnd()}\n\npnpm install failed (exit code ${code}). If a package.json was edited, ` +
        `update the lockfile:\n  npx -y ${packageManager} install`,
    );
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  log(`${secondsSince(start)}\n`);
}

function writeToStderr(text) {
  process.stderr.write(text);
}

function isInstalled() {
  const modules = join(root, 'node_modules');
  return (
    existsSync(join(modules, '.modules.yaml')) && !existsSync(join(modules, '.package-lock.json'))
  );
}

/** What an installation depends on: the lockfile and every manifest, by content. */
function hashManifests() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const path of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests()]) {
    hash.update(path).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

function manifests() {
  const nested = ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  return [...nested, 'tests', 'bench', 'examples']
    .map((folder) => `${folder}/package.json`)
    .filter((path) => existsSync(join(root, path)))
    .sort();
}

if (isMain(import.meta.url)) {
  try {
    await setUp();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
