import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AlexNetError } from '@alexnet/core';
import { toPath } from '../model-file.ts';

const FILE = 'classifier-worker.js';
const SPECIFIER = '@alexnet/runtime-node/worker';

/**
 * The file that the worker runs: beside this one, or, where this one is part of a bundle, beside the bundle
 * or in the installed package.
 *
 * @param given - `true`, or where it lies
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` naming the places looked at, with the build command
 */
export function findWorkerFile(given: true | string | URL): URL {
  if (given !== true) return checkGiven(pathToFileURL(toPath(given)));
  const base = baseUrl();
  const sibling = new URL(FILE, base);
  if (existsSync(sibling)) return sibling;
  for (const start of [fileURLToPath(base), join(process.cwd(), 'index.js')]) {
    const found = resolveFrom(start);
    if (found) return found;
  }
  throw new AlexNetError('MISSING_DEPENDENCY', {
    message: `The worker's file is neither at ${fileURLToPath(sibling)} nor to be found as ${SPECIFIER}.`,
    hint: `Bundle it beside yours: esbuild server.js classifier-worker=${SPECIFIER} --bundle --platform=node --format=esm --outdir=dist --external:onnxruntime-node --external:sharp. Or give its place: worker: new URL('…', import.meta.url)`,
    path: ['worker'],
  });
}

function checkGiven(url: URL): URL {
  if (existsSync(url)) return url;
  throw new AlexNetError('NOT_FOUND', {
    message: `There is no worker file ${fileURLToPath(url)}.`,
    hint: `Give the place of the bundled ${SPECIFIER}, or worker: true.`,
    path: ['worker'],
  });
}

/** A bundle of CommonJS has no `import.meta.url`: the program's own file stands for it. */
function baseUrl(): URL {
  const own: string | undefined = import.meta.url;
  return own === undefined ? pathToFileURL(process.argv[1] ?? process.cwd()) : new URL(own);
}

function resolveFrom(start: string): URL | undefined {
  try {
    return pathToFileURL(createRequire(start).resolve(SPECIFIER));
  } catch {
    return undefined;
  }
}
