import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const repository: string = fileURLToPath(new URL('..', import.meta.url));

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds after which the program is ended; none unless given. */
  readonly timeout?: number;
}

const INSTALL_TIMEOUT = 180_000;

/** A project of npm's outside of the tree, in which packed packages are installed. */
export interface Consumer {
  readonly folder: string;
  /** Names of the tarballs that were installed. */
  readonly tarballs: readonly string[];
  /** Runs a program in the folder; a failure shows all that it printed. */
  run(
    program: string,
    args: readonly string[],
    options?: RunOptions,
  ): Promise<{ stdout: string; stderr: string }>;
  remove(): void;
}

/** Packs workspaces, as the release does, and installs them with npm in an empty folder. */
export async function installPacked(workspaces: readonly string[]): Promise<Consumer> {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-consumer-'));
  const run: Consumer['run'] = (program, args, options) => runIn(folder, program, args, options);
  const packs = join(folder, 'packs');
  mkdirSync(packs);
  const { packageManager } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const filters = workspaces.flatMap((workspace) => ['--filter', workspace]);
  await run('npx', ['-y', packageManager, '-r', ...filters, 'pack', '--pack-destination', packs], {
    cwd: repository,
    env: { ...process.env, pnpm_config_pm_on_fail: 'ignore' },
  });
  const tarballs = readdirSync(packs);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  // The packages need no install script: onnxruntime-node's own would fetch CUDA libraries.
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  const install = ['install', ...quiet, ...tarballs.map((name) => `./packs/${name}`)];
  // npm 11.19 was seen to wait for ever in front of a local tarball.
  await run('npm', install, { timeout: INSTALL_TIMEOUT }).catch((error: Error) => {
    if (!wasEnded(error.cause)) throw error;
    return run('npm', install, { timeout: INSTALL_TIMEOUT });
  });
  return { folder, tarballs, run, remove: () => rmSync(folder, { recursive: true }) };
}

/** Whether the program was ended for taking too long. */
function wasEnded(cause: unknown): boolean {
  return cause instanceof Error && 'killed' in cause && cause.killed === true;
}

async function runIn(
  folder: string,
  program: string,
  args: readonly string[],
  { cwd = folder, env = process.env, timeout = 0 }: RunOptions = {},
): Promise<{ stdout: string; stderr: string }> {
  const clean = { ...env, NODE_OPTIONS: '', FORCE_COLOR: undefined, ALEXNET_PYTHON: undefined };
  try {
    return await promisify(execFile)(program, args, { cwd, env: clean, timeout, maxBuffer: 1e8 });
  } catch (error) {
    const { stdout, stderr, message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}
