// `pnpm bench checkpoints [--preset P] [--rounds N] [--folder DIR]`: a run's checkpoint with momenta, written and read, with
// its checksums and without, by turns.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createModel, createTensor } from '@alexnet/core';
import { encodeSafetensors } from '@alexnet/core/safetensors';
import { writeFileAtomic } from '@alexnet/export/node';
import { createRunFolder, readCheckpointFile } from '@alexnet/train/node';

const { values } = parseArgs({
  options: {
    preset: { type: 'string', default: 'torchvision' },
    rounds: { type: 'string', default: '20' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const { graph, metadata, weights } = createModel(values.preset, { seed: 1 });
const momenta = [...weights].map(([name, { shape, data }]) => {
  return [`${name}/momentum`, createTensor(shape, data.slice())];
});
const state = new Map([...weights, ...momenta]);
const epochTotals = { count: 0, lossSum: 0, correct: 0 };
const plateau = { best: null, epochsSince: 0, drops: 0 };
const progress = { step: 1, epochTotals, best: null, plateau };
const folder = await mkdtemp(join(values.folder, 'alexnet-bench-'));
const run = await createRunFolder(join(folder, 'run'), {});
const summed = join(folder, 'run', 'checkpoints', 'step-1.safetensors');
const plain = join(folder, 'plain.safetensors');

/** What `saveCheckpoint` does beside the sums. */
const writePlain = async () => {
  const texts = { 'alexnet.graph': graph, 'alexnet.metadata': metadata };
  const header = Object.entries({ ...texts, 'alexnet.progress': progress });
  const written = header.map(([key, value]) => [key, JSON.stringify(value)]);
  await writeFileAtomic(plain, encodeSafetensors(state, Object.fromEntries(written)));
  for (const name of ['last', 'best']) await writeFileAtomic(join(folder, name), 'step-1\n');
};

const TURNS = {
  'written without': writePlain,
  'written with': () => run.saveCheckpoint({ graph, metadata, state, progress }, { best: true }),
  'read without': () => readCheckpointFile(plain),
  'read with': () => readCheckpointFile(summed),
};
const results = new Map(Object.keys(TURNS).map((name) => [name, []]));
// The first round pays for memory that later ones reuse.
for (let round = 0; round <= Number(values.rounds); round++) {
  const turns = Object.entries(TURNS);
  // Who comes first in a pair pays for what is still being written.
  if (round % 2 === 1) turns.splice(0, 2, turns[1], turns[0]);
  for (const [name, turn] of turns) {
    const begin = performance.now();
    await turn();
    if (round > 0) results.get(name).push(performance.now() - begin);
  }
}
await rm(folder, { recursive: true });
for (const [name, ms] of results) {
  ms.sort((a, b) => a - b);
  const [fastest, median] = [ms[0], ms[Math.floor(ms.length / 2)]].map(Math.round);
  console.log(`${name.padEnd(16)} ${median} ms, fastest ${fastest}`);
}
