import { access, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlexNetError } from '@alexnet/core';
import { toFileError } from '@alexnet/export/node';
import { onMissing } from '../terminal/on-missing.ts';
import type { Invocation } from './find-programs.ts';
import { lastLines, runProgram } from './run-program.ts';
import { TFJS_VERSION, type TfjsPackage } from './tfjs-packages.ts';

/**
 * The package as a folder's own code would find it, if there is one.
 *
 * @returns its folder; `null` if there is none
 * @throws {@link AlexNetError} `UNSUPPORTED` for another version
 */
export async function findPackage(wanted: TfjsPackage, folder: string): Promise<string | null> {
  const require = createRequire(join(folder, 'index.js'));
  let manifest: string;
  try {
    manifest = require.resolve(`${wanted.package}/package.json`);
  } catch {
    return null;
  }
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly version?: string };
  if (version === TFJS_VERSION) return dirname(manifest);
  throw new AlexNetError('UNSUPPORTED', {
    message: `${folder} has ${wanted.package} ${version}, and ${TFJS_VERSION} is needed.`,
    hint: `npm install --ignore-scripts ${wanted.package}@${TFJS_VERSION}, or call this elsewhere: it installs one of its own`,
  });
}

/**
 * Installs the package by npm, as its lock file has it, and no script of any package runs.
 *
 * @returns its folder
 * @throws {@link AlexNetError} `IO` if npm cannot, `DISK_FULL`
 */
export async function installPackage(
  wanted: TfjsPackage,
  {
    npm: { program, first },
    folder,
    signal,
  }: {
    readonly npm: Invocation;
    readonly folder: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<string> {
  await writeManifests(wanted, folder);
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const args = [...first, 'ci', '--ignore-scripts', ...quiet];
  const result = await runProgram(program, args, { cwd: folder, signal });
  if (result.code === 0) return join(folder, 'node_modules', wanted.package);
  if (/ENOSPC|EDQUOT/.test(result.output)) {
    throw new AlexNetError('DISK_FULL', {
      message: `The disk ran full while npm installed ${wanted.package} into ${folder}.`,
      hint: 'Make room, or name another folder in ALEXNET_CACHE; df -h shows what is free.',
    });
  }
  throw new AlexNetError('IO', {
    message: `npm did not install ${wanted.package} ${TFJS_VERSION}:\n${lastLines(result)}`,
    hint: `Check the connection and npm's registry: npm ping. Without the internet: call this in a folder that has it (npm install --ignore-scripts ${wanted.package}@${TFJS_VERSION} node-api-headers)`,
  });
}

async function writeManifests(wanted: TfjsPackage, folder: string): Promise<void> {
  const lock = fileURLToPath(new URL(`../../setup/${wanted.lockFile}`, import.meta.url));
  try {
    await mkdir(folder, { recursive: true });
    await copyFile(lock, join(folder, 'package-lock.json'));
    await writeFile(join(folder, 'package.json'), await readManifest(lock));
  } catch (cause) {
    throw toFileError(cause, 'write', folder);
  }
}

/** The manifest that a lock file was made of is its first package. */
async function readManifest(lock: string): Promise<string> {
  const { packages } = JSON.parse(await readFile(lock, 'utf8')) as {
    readonly packages: Readonly<Record<string, unknown>>;
  };
  return JSON.stringify(packages['']);
}

/** Of the Node.js project; of the caller's folder, or beside the package in the lock file. */
const HEADERS = 'node-api-headers';

/**
 * The headers of Node's interface for native code: of the npm package, or those that came with this Node.
 *
 * @param folders - whose code may find the npm package
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY`
 */
export async function findNodeHeaders(folders: readonly string[]): Promise<string> {
  const candidates = [
    ...folders.flatMap(findHeaderPackage),
    join(dirname(process.execPath), '..', 'include', 'node'),
  ];
  for (const candidate of candidates) {
    if (await access(join(candidate, 'node_api.h')).then(() => true, onMissing(false))) {
      return candidate;
    }
  }
  throw new AlexNetError('MISSING_DEPENDENCY', {
    message: `node_api.h is missing, the headers of Node's interface for native code: they are not in ${candidates.join(', nor in ')}.`,
    hint: `In ${folders.at(-1)}: npm install ${HEADERS}`,
  });
}

function findHeaderPackage(folder: string): readonly string[] {
  try {
    const require = createRequire(join(folder, 'index.js'));
    return [join(dirname(require.resolve(`${HEADERS}/package.json`)), 'include')];
  } catch {
    return [];
  }
}
