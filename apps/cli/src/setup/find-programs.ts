import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { runProgram } from './run-program.ts';

/** How a program is called: itself, and what comes before the other arguments. */
export interface Invocation {
  readonly program: string;
  readonly first: readonly string[];
}

/**
 * A compiler for C++ that runs: what CXX names, or one of the usual names.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY`
 */
export async function findCompiler(): Promise<Invocation> {
  const named = process.env.CXX?.trim();
  for (const each of named ? [named] : ['g++', 'c++', 'clang++']) {
    // CXX may be a call: `ccache g++`.
    const [program = '', ...first] = each.split(/\s+/);
    if ((await runProgram(program, [...first, '--version'])).code === 0) return { program, first };
  }
  throw new AlexNetError('MISSING_DEPENDENCY', {
    message: named
      ? `The C++ compiler that CXX names does not run: ${named}.`
      : 'There is no C++ compiler: neither g++ nor c++ nor clang++ runs.',
    hint: 'Install one. Debian and Ubuntu: apt-get install -y g++ · Fedora: dnf install -y gcc-c++',
  });
}

/**
 * pip, of the Python that ALEXNET_PYTHON names, or of one of the usual names.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` if there is no Python, or none has pip
 */
export async function findPip(): Promise<Invocation> {
  const named = process.env.ALEXNET_PYTHON;
  const withoutPip: string[] = [];
  for (const program of named ? [named] : ['python3', 'python']) {
    const first = ['-m', 'pip'];
    if ((await runProgram(program, [...first, '--version'])).code === 0) return { program, first };
    if ((await runProgram(program, ['--version'])).code === 0) withoutPip.push(program);
  }
  const [python] = withoutPip;
  const without = 'Without pip: fetch the wheel elsewhere and give it with --wheel PATH';
  if (python !== undefined) {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: `${python} has no pip, which fetches TensorFlow.`,
      hint: `Debian and Ubuntu: apt-get install -y python3-pip · elsewhere: ${python} -m ensurepip. ${without}`,
    });
  }
  throw new AlexNetError('MISSING_DEPENDENCY', {
    message: named
      ? `The Python that ALEXNET_PYTHON names does not run: ${named}.`
      : 'There is no Python, whose pip fetches TensorFlow: neither python3 nor python runs.',
    hint: `Debian and Ubuntu: apt-get install -y python3-pip. ${without}`,
  });
}

/**
 * The npm that came with this Node, or the one on the PATH.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY`
 */
export async function findNpm(): Promise<Invocation> {
  const folder = dirname(process.execPath);
  const script = [
    join(folder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find((path) => existsSync(path));
  if (script !== undefined) return { program: process.execPath, first: [script] };
  if ((await runProgram('npm', ['--version'])).code === 0) return { program: 'npm', first: [] };
  throw new AlexNetError('MISSING_DEPENDENCY', {
    message: `There is no npm, neither beside ${process.execPath} nor on the PATH.`,
    hint: 'It comes with Node from https://nodejs.org; Debian and Ubuntu: apt-get install -y npm',
  });
}
