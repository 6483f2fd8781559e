import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  attachLibrary,
  checkAttachable,
  detachLibrary,
  isAttached,
  linkLibraries,
} from './attach-library.ts';

let folder: string;
let root: string;
let lib: string;
let binding: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-attach-'));
  root = join(folder, 'tfjs');
  lib = join(root, 'cpu', 'lib');
  binding = join(folder, 'binding.node');
  await mkdir(lib, { recursive: true });
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    await writeFile(join(lib, name), name);
  }
  await writeFile(binding, 'binding');
  await linkLibraries(lib);
});
afterEach(() => rm(folder, { recursive: true }));

async function createPackage(...place: readonly string[]): Promise<string> {
  const directory = join(...place);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'package.json'), '{}');
  return directory;
}

test('a linker finds the libraries by their names', async () => {
  expect(await readFile(join(lib, 'libtensorflow.so'), 'utf8')).toBe('libtensorflow_cc.so.2');
  const framework = await readFile(join(lib, 'libtensorflow_framework.so'), 'utf8');
  expect(framework).toBe('libtensorflow_framework.so.2');
});

test('a package of its own keeps its libraries when all is moved', async () => {
  const directory = await createPackage(root, 'cpu', 'node_modules', 'tfjs-node');
  await attachLibrary(directory, { lib, binding });
  expect(await isAttached(directory)).toBe(true);
  expect(await readlink(join(directory, 'deps', 'lib'))).toBe(join('..', '..', '..', 'lib'));
  await rename(root, join(folder, 'moved'));
  expect(await isAttached(join(folder, 'moved', 'cpu', 'node_modules', 'tfjs-node'))).toBe(true);
});

test('a package that was found is as before when it is taken back', async () => {
  const directory = await createPackage(folder, 'project', 'tfjs-node');
  await attachLibrary(directory, { lib, binding });
  await attachLibrary(directory, { lib, binding });
  expect(await isAttached(directory)).toBe(true);
  await checkAttachable(directory);
  expect((await readdir(join(directory, 'lib', 'napi-v8'))).sort()).toEqual(['tfjs_binding.node']);
  await detachLibrary(directory, root);
  expect(await readdir(directory)).toEqual(['package.json']);
});

test('a package whose libraries are gone is not attached any more', async () => {
  const directory = await createPackage(folder, 'project', 'tfjs-node');
  await attachLibrary(directory, { lib, binding });
  await rm(root, { recursive: true });
  expect(await isAttached(directory)).toBe(false);
});

test('libraries of another origin are neither replaced nor taken away', async () => {
  const directory = await createPackage(folder, 'project', 'tfjs-node');
  await attachLibrary(directory, { lib, binding });
  await detachLibrary(directory, join(folder, 'another'));
  expect(await isAttached(directory)).toBe(true);
  await rm(join(directory, 'deps', 'lib'));
  await mkdir(join(directory, 'deps', 'lib'));
  await detachLibrary(directory, root);
  await expect(checkAttachable(directory)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
});
