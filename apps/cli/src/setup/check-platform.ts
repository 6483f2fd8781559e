import { AlexNetError } from '@alexnet/core';

/** What TensorFlow's wheels and npm's packages are built for. */
export interface Platform {
  /** `process.platform` */
  readonly system: string;
  /** `process.arch` */
  readonly architecture: string;
  /** Version of the C library, `2.36`; `null` where it is not glibc. */
  readonly glibc: string | null;
}

export function readPlatform(): Platform {
  return { system: process.platform, architecture: process.arch, glibc: readGlibc() };
}

/** The wheels are called manylinux_2_27. */
const OLDEST_GLIBC = [2, 27] as const;

/** @throws {@link AlexNetError} `UNSUPPORTED` with what to use in its place */
export function checkPlatform({ system, architecture, glibc }: Platform): void {
  if (system !== 'linux' || architecture !== 'x64') {
    throw new AlexNetError('UNSUPPORTED', {
      message: `TensorFlow can be set up on Linux x64, and this is ${nameOf(system)} ${architecture}.`,
      hint: 'Nothing needs it: alexnet train computes on onnxruntime, which is installed already, and writes the same files. On Windows, WSL 2 is a Linux.',
    });
  }
  const [major = 0, minor = 0] = (glibc ?? '').split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_GLIBC;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new AlexNetError('UNSUPPORTED', {
    message: `TensorFlow needs glibc ${OLDEST_GLIBC.join('.')} or newer, and this system has ${glibc === null ? 'another C library' : `glibc ${glibc}`}.`,
    hint: 'Nothing needs it: alexnet train computes on onnxruntime. Alpine has no glibc; images of Debian, such as node:22-slim, do.',
  });
}

function nameOf(system: string): string {
  const names: Readonly<Record<string, string>> = {
    darwin: 'macOS',
    win32: 'Windows',
    linux: 'Linux',
  };
  return names[system] ?? system;
}

function readGlibc(): string | null {
  const report: unknown = process.report.getReport();
  const header = fieldOf(report, 'header');
  const version = fieldOf(header, 'glibcVersionRuntime');
  return typeof version === 'string' ? version : null;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
