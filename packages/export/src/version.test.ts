import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PRODUCER_VERSION } from './version.ts';

test('the version in the files is that of the package', () => {
  const json: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  expect(json).toHaveProperty('version', PRODUCER_VERSION);
});
