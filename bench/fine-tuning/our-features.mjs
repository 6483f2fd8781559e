// Features of frozen layers made into a new cache on disk, one cache a turn: our side of compare.mjs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRenderThreads } from '@alexnet/data/node';
import { answerTurns } from '../answer-turns.mjs';
import { createFrozenModel, createNoise, openFeatures } from './noise.mjs';

const [preset, ...numbers] = process.argv.slice(2);
const [pictureCount, threads] = numbers.map(Number);
const model = createFrozenModel(preset);
const pictures = createNoise(model, pictureCount);
// As in `alexnet train`, whose threads serve the whole training.
const renderer = createRenderThreads();
await answerTurns('a cache', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-features-'));
  const startedMs = performance.now();
  const cache = await openFeatures(model, { pictures, folder, threads, renderer });
  const durationMs = performance.now() - startedMs;
  await cache.close();
  await rm(folder, { recursive: true });
  return durationMs;
});
process.exit(0);
