// TensorFlow for the engine tfjs, as `alexnet setup tfjs` sets it up; as root on Debian and Ubuntu with the compiler that
// it takes. Usage: node scripts/tfjs.mjs   (prints the package's folder)
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installDebianPackage } from './apt.mjs';
import { isMain, root, run } from './processes.mjs';
import { preparePython } from './python-venv.mjs';
import { setUp } from './setup.mjs';

/**
 * Needs the build.
 *
 * @returns {Promise<{ directory: string } | { missing: string }>} the package's folder, or what is
 *   missing and what to do about it
 */
export async function prepareTfjs() {
  const python = await preparePython();
  const env = 'python' in python ? { ...process.env, ALEXNET_PYTHON: python.python } : process.env;
  const cli = join(root, 'apps', 'cli', 'bin', 'alexnet.js');
  const setUpTfjs = () => run(process.execPath, [cli, 'setup', 'tfjs', '--json'], { env });
  const first = await setUpTfjs();
  const wantsCompiler = first.code !== 0 && !(await hasCompiler());
  const hasInstalled = wantsCompiler && (await installDebianPackage('g++')).code === 0;
  const { code, output } = hasInstalled ? await setUpTfjs() : first;
  if (code !== 0) return { missing: output.trimEnd() };
  return { directory: JSON.parse(output.trimEnd().split('\n').at(-1)).directory };
}

async function hasCompiler() {
  const path = join(root, 'apps', 'cli', 'dist', 'setup', 'find-programs.js');
  const { findCompiler } = await import(pathToFileURL(path).href);
  return await findCompiler().then(
    () => true,
    () => false,
  );
}

if (isMain(import.meta.url)) {
  await setUp();
  const result = await prepareTfjs();
  if ('directory' in result) {
    process.stdout.write(`${result.directory}\n`);
  } else {
    process.stderr.write(`${result.missing}\n`);
    process.exitCode = 1;
  }
}
