import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { onMissing } from '../terminal/on-missing.ts';
import type { Invocation } from './find-programs.ts';
import { lastLines, runProgram } from './run-program.ts';

export interface BuildOptions {
  readonly compiler: Invocation;
  /** Folder of the npm package. */
  readonly directory: string;
  /** Has `lib` and `include` of TensorFlow. */
  readonly library: string;
  readonly nodeHeaders: string;
  /** The file to make. */
  readonly target: string;
  readonly signal: AbortSignal | undefined;
}

/** Node-API's version, which Node 12.22 and every later one has: one binding for all of them. */
export const NODE_API_VERSION = 8;

/** As upstream's: the libraries lie in `deps/lib` of the package. */
const RUN_PATH = '$ORIGIN/../../deps/lib';

/**
 * Compiles the package's binding against TensorFlow. It is two files of C++ that know Node by Node-API alone, so that
 * a compiler is all that it takes: neither node-gyp, nor make, nor Python, nor the headers of one version of Node.
 *
 * @see binding.gyp of the package, for the flags
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` with what the compiler said
 */
export async function buildBinding(options: BuildOptions): Promise<void> {
  const { compiler, directory, library, nodeHeaders, target, signal } = options;
  await mkdir(join(target, '..'), { recursive: true });
  const result = await runProgram(
    compiler.program,
    [
      ...compiler.first,
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-pthread'],
      ...[`-DNAPI_VERSION=${NODE_API_VERSION}`, '-DBUILDING_NODE_EXTENSION'],
      ...[`-I${nodeHeaders}`, `-I${join(library, 'include')}`],
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(directory, 'binding', file)),
      ...[`-L${join(library, 'lib')}`, '-ltensorflow', '-ltensorflow_framework'],
      ...[`-Wl,-rpath,${RUN_PATH}`, '-o', target],
    ],
    { signal },
  );
  const made = await stat(target).catch(onMissing(null));
  if (result.code === 0 && made) return;
  throw new AlexNetError('MISSING_DEPENDENCY', {
    message: `${compiler.program} could not build the binding (exit code ${result.code}):\n${lastLines(result)}`,
    hint: 'It takes a C++17 compiler with its standard library. Debian and Ubuntu: apt-get install -y g++',
  });
}
