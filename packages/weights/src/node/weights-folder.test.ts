import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { weightsFolder } from './weights-folder.ts';

test.each([
  [{}, join(homedir(), '.cache', 'alexnet', 'weights')],
  [{ XDG_CACHE_HOME: '/x' }, resolve('/x/alexnet/weights')],
  [{ XDG_CACHE_HOME: '/x', ALEXNET_CACHE: '/y' }, resolve('/y/weights')],
  [{ XDG_CACHE_HOME: '', ALEXNET_CACHE: '' }, join(homedir(), '.cache', 'alexnet', 'weights')],
])('%o', (environment, folder) => {
  expect(weightsFolder(environment)).toBe(folder);
});
