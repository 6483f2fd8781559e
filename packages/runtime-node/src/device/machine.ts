import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '@alexnet/core';

/** What decides about devices besides onnxruntime itself. */
export interface Machine {
  /** `linux-x64`, as `process.platform` and `process.arch` say. */
  readonly platform: string;
  /** Whether the CUDA provider's library lies beside onnxruntime's own; it is downloaded apart. */
  readonly hasCudaLibrary: boolean;
  /** Whether the system's loader finds a shared library, with all that it needs itself. */
  findsLibrary(name: string): boolean;
  /** A place for onnxruntime's profile of a run. */
  openProfile(): Promise<Profile>;
}

/** Where onnxruntime writes what it ran, and on which provider. */
export interface Profile {
  /** Path that the file's name begins with. */
  readonly prefix: string;
  /** The file's text, once the profile has ended. */
  read(): Promise<string>;
  remove(): Promise<void>;
}

/** @see onnxruntime-node 1.30, script/install-metadata.js: where its CUDA libraries are unpacked to */
export function inspectMachine(): Machine {
  const platform = `${process.platform}-${process.arch}`;
  return { platform, hasCudaLibrary: hasCudaLibrary(), findsLibrary, openProfile };
}

function hasCudaLibrary(): boolean {
  const base: string | undefined = import.meta.url; // A bundle of CommonJS has none.
  const main = createRequire(base ?? join(process.cwd(), 'index.js')).resolve('onnxruntime-node');
  const folder = join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
  return existsSync(join(folder, 'libonnxruntime_providers_cuda.so'));
}

/** The loader refuses a library that is missing; one that it finds is refused by Node, which knows it as no addon. */
function findsLibrary(name: string): boolean {
  try {
    process.dlopen({ exports: {} }, name);
    return true;
  } catch (error) {
    return /did not self-register/.test(messageOf(error));
  }
}

async function openProfile(): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-profile-'));
  return {
    prefix: join(folder, 'profile'),
    async read() {
      const [file = 'missing'] = await readdir(folder);
      return readFile(join(folder, file), 'utf8');
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
