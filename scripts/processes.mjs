// Starts programs for the other scripts. Node built-ins only: this runs before anything is installed.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, inherit?: boolean, shell?: boolean }} [options]
 *   inherit: its output goes to our own; otherwise it is collected in `output`.
 * @returns {Promise<{ code: number, output: string }>} code 127 if it could not be started.
 */
export function run(program, args, { cwd = root, env = process.env, inherit, shell } = {}) {
  return new Promise((resolve) => {
    const stdio = inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'];
    const child = spawn(program, args, { cwd, env, stdio, shell });
    let output = '';
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout?.setEncoding('utf8').on('data', collect);
    child.stderr?.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code, signal) => {
      resolve({ code: code ?? 1, output: signal ? `${output}Killed by ${signal}.\n` : output });
    });
  });
}

/**
 * Runs a command of a package that is installed for the repository, or for the workspace in `options.cwd`, with this
 * Node: no shell, the same on every system.
 */
export function runTool(packageName, args, options) {
  const folder = join(options?.cwd ?? root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const script = typeof bin === 'string' ? bin : bin[packageName.split('/').pop()];
  return run(process.execPath, [join(folder, script ?? Object.values(bin)[0]), ...args], options);
}

/** Runs pnpm at the version that package.json pins; nobody needs to have installed it. */
export function runPnpm(args, options = {}) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const env = {
    ...process.env,
    ...options.env,
    // The version is exact already, and nobody is there to answer a question.
    pnpm_config_pm_on_fail: 'ignore',
    pnpm_config_confirm_modules_purge: 'false',
  };
  return runNpm('npx', ['-y', packageManager, ...args], { ...options, env });
}

/**
 * Runs npm or npx: the one beside the running Node if it is there, else the one on the PATH.
 *
 * @param {'npm' | 'npx'} name
 */
export function runNpm(name, args, options = {}) {
  const folder = dirname(process.execPath);
  const scripts = [
    join(folder, 'node_modules', 'npm', 'bin', `${name}-cli.js`),
    join(folder, '..', 'lib', 'node_modules', 'npm', 'bin', `${name}-cli.js`),
  ];
  const script = scripts.find((path) => existsSync(path));
  if (script !== undefined) return run(process.execPath, [script, ...args], options);
  const isWindows = process.platform === 'win32';
  return run(isWindows ? `${name}.cmd` : name, args, { ...options, shell: isWindows });
}

/** `1.2 s`, measured from `start` (a value of `performance.now()`). */
export function secondsSince(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Is the file with this `import.meta.url` the one that Node was started with? */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}
