import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../scripts/chromium.mjs', import.meta.url));

function find(env: NodeJS.ProcessEnv): Promise<unknown> {
  return promisify(execFile)(process.execPath, [script], { env });
}

test('a program that does not run is no Chromium', async () => {
  await expect(find({ ALEXNET_CHROMIUM: '/nowhere/chrome' })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ALEXNET_CHROMIUM=/nowhere/chrome does not run'),
  });
});

// Nothing is on this PATH: no Chromium, and no apt-get either.
test.skipIf(process.platform !== 'linux')('where there is none, it says what to do', async () => {
  await expect(find({ PATH: '' })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/There is no Chromium here\.\nInstall .*ALEXNET_CHROMIUM=/),
  });
});
