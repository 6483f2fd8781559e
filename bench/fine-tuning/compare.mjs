// Fine-tuning with frozen convolutions: features against the bare layers, and the rest on features against PyTorch.
// Usage: pnpm bench fine-tuning --python PATH --pictures 1024 --batch-sizes 32,128,512 --rounds 8
// PATH is a Python with torch from PyPI. In a turn features of all pictures are made, or some batches of them learned.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endSide, median, ratioByRound, round, startSide, takeTurns } from '../turns.mjs';
import { createFrozenModel, createNoise, openFeatures } from './noise.mjs';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    python: { type: 'string', default: 'python3' },
    pictures: { type: 'string', default: '1024' },
    'batch-sizes': { type: 'string', default: '32,128,512' },
    rounds: { type: 'string', default: '8' },
    parts: { type: 'string', default: 'features,head' },
    threads: { type: 'string', default: '2' },
  },
});
const { python, pictures, threads } = values;
const rounds = Number(values.rounds);
/** As a training takes them, one after another: the next batch is read beside a step. */
const STEPS_OF_TURN = 4;
/** The head of the other side is this one's. */
const PRESET = 'torchvision';

function startOurs(name, program, args) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  return startSide(name, process.execPath, [path, PRESET, ...args]);
}

/** Two sides in turns, and how many pictures a second our side does of the other's. A turn says the time of one. */
async function compare([ours, theirs], picturesOfTurn) {
  await takeTurns([ours, theirs], rounds);
  const rateOf = ({ durationsMs }) => (1000 * picturesOfTurn) / median(durationsMs);
  const figures = {
    rateRatio: round(rateOf(ours) / rateOf(theirs), 3),
    rateRatioByRound: round(1 / ratioByRound(ours, theirs), 3),
  };
  const sides = [];
  for (const side of [ours, theirs]) {
    sides.push({ ...(await endSide(side)), picturesPerSecond: Math.round(rateOf(side)) });
  }
  return { ...figures, sides };
}

/** Making a cache, and running the layers alone. */
async function compareFeatures() {
  const args = [pictures, threads];
  const ours = await startOurs('features', 'our-features.mjs', args);
  const theirs = await startOurs('bare layers', 'bare-layers.mjs', args);
  print('features', await compare([ours, theirs], Number(pictures)));
}

/** Training on a cache. */
async function compareHeads() {
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-fine-tuning-'));
  try {
    const model = createFrozenModel(PRESET);
    const cache = await openFeatures(model, {
      pictures: createNoise(model, Number(pictures)),
      folder,
      threads: Number(threads),
    });
    await cache.close();
    for (const batchSize of values['batch-sizes'].split(',')) {
      const args = [pictures, batchSize, threads, String(STEPS_OF_TURN)];
      const ours = await startOurs('ours', 'our-head.mjs', [folder, ...args]);
      const theirs = await startSide('PyTorch', python, [
        fileURLToPath(new URL('torch_head.py', import.meta.url)),
        join(cache.folder, 'training.f32'),
        ...args,
      ]);
      const figures = await compare([ours, theirs], Number(batchSize));
      print('head', { batchSize: Number(batchSize), ...figures });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function print(part, figures) {
  console.log(JSON.stringify({ part, rounds, ...figures }));
}

const PARTS = { features: compareFeatures, head: compareHeads };
for (const part of values.parts.split(',')) await PARTS[part]();
process.exit(0);
