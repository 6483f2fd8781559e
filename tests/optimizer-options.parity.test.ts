// Every optimiser that a user can name, through the whole command: the engine's own rules are in optimizers.parity.test.ts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodePng } from '@alexnet/data/node';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('../apps/cli/bin/alexnet.js', import.meta.url));
const EPOCHS = 16;
const SMALL = ['--preset', 'mnist', '--width', '0.05', '--batch-size', '8', '--threads', '1'];

let root = '';
let photos = '';

/** Two classes that differ in brightness. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'alexnet-optimizers-'));
  photos = join(root, 'photos');
  for (const [label, grey] of [
    ['dark', 30],
    ['light', 220],
  ] as const) {
    mkdirSync(join(photos, label), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const pixels = new Uint8Array(28 * 28).fill(grey + i);
      const png = await encodePng({ width: 28, height: 28, channels: 1, pixels });
      writeFileSync(join(photos, label, `${i}.png`), png);
    }
  }
});
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  'sgd',
  'sgd-pytorch',
  'nesterov',
  'nesterov-pytorch',
  'adam',
  'adamw',
  'rmsprop',
  'lars',
])('--optimizer %s lowers the loss', (name) => {
  const options = ['--optimizer', name, '--validation', '0', '--epochs', String(EPOCHS)];
  const args = [CLI, 'train', photos, ...SMALL, ...options, '--out', join(root, name), '--json'];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const losses = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'epoch')
    .map(({ loss }) => loss);
  expect(losses).toHaveLength(EPOCHS);
  expect(losses.at(-1)).toBeLessThan(losses[0]);
});
