import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { AlexNetError, readJson } from '@alexnet/core';

export const TENSORFLOW_PACKAGES = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'] as const;
export type TensorFlowPackage = (typeof TENSORFLOW_PACKAGES)[number];

/** A package with its binding and the library under it, as `alexnet setup tfjs` leaves it. */
export interface InstalledTensorFlow {
  readonly package: TensorFlowPackage;
  /** Absolute folder of the package. */
  readonly directory: string;
  /** Version of the package. */
  readonly tfjs: string;
  /** Version of the library. */
  readonly tensorflow: string;
  /** Whether the library is built for CUDA. */
  readonly gpu: boolean;
}

/** The file in {@link tensorFlowFolder} that lists what is set up. */
export const INSTALLED_FILE = 'installed.json';

/**
 * Where TensorFlow is set up: `$ALEXNET_CACHE/tfjs`, else `$XDG_CACHE_HOME/alexnet/tfjs`, else
 * `~/.cache/alexnet/tfjs`.
 */
export function tensorFlowFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { ALEXNET_CACHE: own, XDG_CACHE_HOME: shared } = environment;
  if (own) return join(resolve(own), 'tfjs');
  return join(shared ? resolve(shared) : join(homedir(), '.cache'), 'alexnet', 'tfjs');
}

/**
 * What is set up in a folder; nothing where there is no list.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if the list cannot be read
 */
export async function readInstalled(folder: string): Promise<readonly InstalledTensorFlow[]> {
  const path = join(folder, INSTALLED_FILE);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '[]';
    throw error;
  });
  return parseInstalled(parse(text, path), path);
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${path} is not JSON.`,
      hint: 'Write it anew: alexnet setup tfjs',
      cause,
    });
  }
}

function parseInstalled(value: unknown, path: string): readonly InstalledTensorFlow[] {
  const json = readJson(value, { code: 'INVALID_ARGUMENT', what: path });
  return json.items().map((entry) => ({
    package: entry.field('package').oneOf(TENSORFLOW_PACKAGES),
    directory: entry.field('directory').string(),
    tfjs: entry.field('tfjs').string(),
    tensorflow: entry.field('tensorflow').string(),
    gpu: entry.field('gpu').boolean(),
  }));
}
