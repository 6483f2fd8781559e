import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { onMissing } from '../terminal/on-missing.ts';
import type { Invocation } from './find-programs.ts';
import { lastLines, type ProgramResult, runProgram } from './run-program.ts';
import { pipDownload, TENSORFLOW_VERSION, type TfjsPackage } from './tfjs-packages.ts';

/**
 * Fetches the wheel by pip: with the mirrors, proxies and certificates that it is set up for.
 *
 * @param folder - is made; pip keeps nothing elsewhere
 * @returns the wheel's path
 * @throws {@link AlexNetError} `IO` if it cannot be had, `DISK_FULL`
 */
export async function fetchWheel(
  wanted: TfjsPackage,
  {
    pip: { program, first },
    folder,
    signal,
  }: {
    readonly pip: Invocation;
    readonly folder: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const quiet = ['--no-input', '--disable-pip-version-check', '--no-cache-dir'];
  const args = [...first, ...pipDownload(wanted), ...quiet, '--dest', folder];
  const result = await runProgram(program, args, {
    // pip fetches into the folder for temporary files, which may be small.
    environment: { TMPDIR: folder, PIP_REQUIRE_VIRTUALENV: 'false' },
    signal,
  });
  const path = join(folder, wanted.wheel.fileName);
  if (result.code === 0 && (await stat(path).catch(onMissing(null)))) return path;
  throw noWheel(result, wanted, folder);
}

function noWheel(result: ProgramResult, wanted: TfjsPackage, folder: string): AlexNetError {
  if (/No space left on device|Disk quota exceeded/.test(result.output)) {
    return new AlexNetError('DISK_FULL', {
      message: `The disk ran full while pip fetched ${wanted.wheel.fileName} into ${folder}.`,
      hint: 'Make room, or name another folder in ALEXNET_CACHE; df -h shows what is free.',
    });
  }
  return new AlexNetError('IO', {
    message: `pip did not fetch ${wanted.project} ${TENSORFLOW_VERSION}:\n${lastLines(result)}`,
    hint: `Check the connection and try again; pip takes a proxy from HTTPS_PROXY and a mirror from PIP_INDEX_URL. Without the internet: python3 -m pip ${pipDownload(wanted).join(' ')} elsewhere, then --wheel PATH`,
  });
}
