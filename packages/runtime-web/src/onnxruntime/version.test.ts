import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ONNXRUNTIME_VERSION } from './version.ts';

test('is that of the dependency', () => {
  const json: unknown = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  expect(json).toHaveProperty(['dependencies', 'onnxruntime-web'], ONNXRUNTIME_VERSION);
});
