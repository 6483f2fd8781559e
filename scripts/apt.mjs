// Packages of Debian and its kin, where the tests may install them.
import { run } from './processes.mjs';

/**
 * Installs a package by apt-get, if this process is root and apt-get is there.
 *
 * @param {string} name
 * @returns {Promise<{ code: number, output: string }>} code 0 if it is installed now
 */
export async function installDebianPackage(name) {
  if (process.getuid?.() !== 0) return { code: 1, output: 'Only root can install packages.\n' };
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Somebody else's apt-get is waited for.
  const apt = (...args) => run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], { env });
  const install = () => apt('install', '-y', '--no-install-recommends', name);
  const first = await install();
  if (first.code === 0 || first.code === 127) return first;
  // A fresh image has no package lists, or lists of packages that are gone.
  const updated = await apt('update');
  return updated.code === 0 ? await install() : updated;
}
