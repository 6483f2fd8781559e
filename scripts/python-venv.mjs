// A Python with the packages of a list in tests/python, made once, outside of the tree: ~/.cache/alexnet/python-<hash>.
// Usage: node scripts/python-venv.mjs [requirements | readers]   (prints its path)
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installDebianPackage } from './apt.mjs';
import { isMain, root, run } from './processes.mjs';

const oldest = [3, 10];

/**
 * @param {'requirements' | 'readers'} [list] what the checks need, or other programs that read ONNX files
 * @returns {Promise<{ python: string } | { missing: string }>} the interpreter, or what is missing
 *   and what to do about it.
 */
export async function preparePython(list = 'requirements') {
  const requirements = join(root, 'tests', 'python', `${list}.txt`);
  const found = await findPython();
  if ('missing' in found) return found;

  const hash = createHash('sha256').update(found.version).update(readFileSync(requirements));
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'alexnet', `python-${hash.digest('hex').slice(0, 16)}`);
  const isWindows = process.platform === 'win32';
  const python = join(folder, isWindows ? 'Scripts/python.exe' : 'bin/python');
  const complete = join(folder, 'complete');
  if (existsSync(complete) && existsSync(python)) return { python };

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const made = await makeVenv(found.program, folder);
  if (made.code !== 0) {
    return {
      missing:
        `Python's venv module does not work here:\n${made.output.trimEnd()}\n` +
        'On Debian and Ubuntu: apt-get install python3-venv',
    };
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
  const installed = await run(python, [...pip, '--only-binary', ':all:', '-r', requirements]);
  if (installed.code !== 0) {
    return { missing: `pip could not install ${requirements}:\n${installed.output.trimEnd()}` };
  }
  writeFileSync(complete, '');
  return { python };
}

async function findPython() {
  const names = process.platform === 'win32' ? ['python'] : ['python3', 'python'];
  const versions = [];
  for (const program of names) {
    const script = 'import sys; print("%d.%d.%d" % sys.version_info[:3], sys.platform)';
    const { code, output } = await run(program, ['-c', script]);
    if (code !== 0) continue;
    const version = output.trim();
    const [major, minor] = version.split('.').map(Number);
    if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) {
      return { program, version };
    }
    versions.push(version);
  }
  const wanted = `Python ${oldest.join('.')} or newer`;
  const seen = versions.length > 0 ? `there is only ${versions.join(', ')}` : 'there is none';
  return {
    missing: `${wanted} is needed and ${seen}. On Debian and Ubuntu: apt-get install python3-venv`,
  };
}

/** Debian keeps ensurepip in a package of its own; as root we can get it. */
async function makeVenv(program, folder) {
  const first = await run(program, ['-m', 'venv', folder]);
  if (first.code === 0 || (await installDebianPackage('python3-venv')).code !== 0) return first;
  rmSync(folder, { recursive: true, force: true });
  return await run(program, ['-m', 'venv', folder]);
}

if (isMain(import.meta.url)) {
  const result = await preparePython(process.argv[2]);
  if ('python' in result) {
    process.stdout.write(`${result.python}\n`);
  } else {
    process.stderr.write(`${result.missing}\n`);
    process.exitCode = 1;
  }
}
