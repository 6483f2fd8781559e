import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { findWorkerFile } from './find-worker-file.ts';

test('finds the file of the package where it does not lie beside', () => {
  expect(fileURLToPath(findWorkerFile(true))).toMatch(
    /runtime-node.dist.worker.classifier-worker\.js$/,
  );
});

test('takes a place that is given, as path or address, and says when nothing is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-worker-'));
  const path = join(folder, 'moved.mjs');
  writeFileSync(path, '');
  expect(findWorkerFile(path)).toEqual(pathToFileURL(path));
  expect(findWorkerFile(pathToFileURL(path))).toEqual(pathToFileURL(path));
  rmSync(folder, { recursive: true });
  expect(() => findWorkerFile(path)).toThrow(
    expect.objectContaining({ code: 'NOT_FOUND', message: `There is no worker file ${path}.` }),
  );
});
