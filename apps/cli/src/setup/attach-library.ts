import {
  access,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  rmdir,
  symlink,
} from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { toFileError } from '@alexnet/export/node';
import { onMissing } from '../terminal/on-missing.ts';
import { NODE_API_VERSION } from './build-binding.ts';
import { FRAMEWORK } from './library-source.ts';
import { TENSORFLOW_VERSION } from './tfjs-packages.ts';

/** Makes the names under which a linker looks for the libraries. @param lib - folder with the two libraries */
export async function linkLibraries(lib: string): Promise<void> {
  for (const file of await readdir(lib)) {
    const name = file === FRAMEWORK ? 'libtensorflow_framework.so' : 'libtensorflow.so';
    await symlink(file, join(lib, name));
  }
}

function bindingOf(directory: string): string {
  return join(directory, 'lib', `napi-v${NODE_API_VERSION}`, 'tfjs_binding.node');
}

function libraryOf(directory: string): string {
  return join(directory, 'deps', 'lib');
}

/** Whether a package has a binding and the libraries that it was linked to. */
export async function isAttached(directory: string): Promise<boolean> {
  return (
    (await isThere(bindingOf(directory))) &&
    (await isThere(join(libraryOf(directory), 'libtensorflow.so')))
  );
}

/** @throws {@link AlexNetError} `ALREADY_EXISTS` if a package has libraries of another origin */
export async function checkAttachable(directory: string): Promise<void> {
  const link = libraryOf(directory);
  const stats = await lstat(link).catch(onMissing(null));
  if (stats === null || stats.isSymbolicLink()) return;
  throw new AlexNetError('ALREADY_EXISTS', {
    message: `${directory} has libraries of another origin: ${link}.`,
    hint: `The engine tfjs takes them as they are. For TensorFlow ${TENSORFLOW_VERSION} in their place: rm -r ${link}, and call this again`,
  });
}

/**
 * Gives a package its binding, and a link to the libraries.
 *
 * @param directory - of the package
 * @throws {@link AlexNetError} `IO`
 */
export async function attachLibrary(
  directory: string,
  { lib, binding }: { readonly lib: string; readonly binding: string },
): Promise<void> {
  const link = libraryOf(directory);
  const target = bindingOf(directory);
  try {
    for (const path of [link, target]) await mkdir(dirname(path), { recursive: true });
    await rm(link, { force: true });
    // What lies together can be moved together.
    const isBeneath = !relative(dirname(lib), directory).startsWith('..');
    await symlink(isBeneath ? relative(dirname(link), lib) : lib, link);
    await copyFile(binding, `${target}.tmp`);
    await rename(`${target}.tmp`, target);
  } catch (cause) {
    throw toFileError(cause, 'write', target);
  }
}

/**
 * Undoes {@link attachLibrary}; a package that is gone, or that has other libraries by now, is left.
 *
 * @param root - folder of all that is set up
 */
export async function detachLibrary(directory: string, root: string): Promise<void> {
  const link = libraryOf(directory);
  const target = await readlink(link).catch(onMissingOr('EINVAL', null)); // a library, no link
  if (target === null) return;
  const path = relative(root, isAbsolute(target) ? target : resolve(dirname(link), target));
  if (path.startsWith('..')) return;
  const binding = bindingOf(directory);
  await rm(link, { force: true });
  await rm(binding, { force: true });
  for (const folder of [dirname(link), dirname(binding), dirname(dirname(binding))]) {
    // One that holds other things stays.
    await rmdir(folder).catch(onMissingOr('ENOTEMPTY', undefined));
  }
}

/** As {@link onMissing}, for one more code of the system. */
function onMissingOr<Value>(code: string, value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => (error.code === code ? value : onMissing(value)(error));
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(() => true, onMissing(false));
}
