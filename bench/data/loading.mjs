// Batches of training inputs per second, from JPEG files and from prepared shards, against torchvision's
// DataLoader with two workers on the same files, taking turns.
// Usage: pnpm bench data --python PATH [--pictures TAR] [--rounds 5] [--threads 2] [--unread]
// With --unread both sides' batches are taken and let go, as loaders are mostly measured; else every line is read.
// PATH is a Python with torch, torchvision and pillow from PyPI.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@alexnet/core';
import { AUGMENTATIONS, cachePictures, readEpochs } from '@alexnet/data';
import { createRenderThreads, openDataset, openShards, prepareShards } from '@alexnet/data/node';
import { median, unpackPhotographs } from '../inference/photographs.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    python: { type: 'string', default: 'python3' },
    pictures: {
      type: 'string',
      default: path('../../../shared/data/imagenet-sample-1000-short256.tar'),
    },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string' },
    unread: { type: 'boolean', default: false },
  },
});

const BATCH = 32;
/** An epoch from shards takes a fifth of a second: a turn has several in a row, as a training reads them. */
const EPOCHS_FROM_SHARDS = 5;
const PREPROCESSING = {
  resize: { mode: 'short-side', size: 256, filter: 'bilinear', antialias: true },
  crop: { height: 224, width: 224 },
  channels: 'RGB',
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};
const RESIZED_CROP = AUGMENTATIONS.standard;
const CROP = { ...AUGMENTATIONS.mirror, randomCrop: 'whole' };

const folder = mkdtempSync(join(tmpdir(), 'alexnet-loading-'));
const photographs = unpackPhotographs(values.pictures);
const { paths } = photographs;
const threads = values.threads === undefined ? {} : { threads: Number(values.threads) };

/** Pictures per second of epochs in a row. */
async function runEpochs(dataset, augmentation, { turn, epochs, renderer }) {
  const started = performance.now();
  let count = 0;
  for await (const batch of readEpochs(dataset, {
    preprocessing: PREPROCESSING,
    batchSize: BATCH,
    shuffle: true,
    random: createRandom(0),
    firstEpoch: turn * epochs,
    endEpoch: (turn + 1) * epochs,
    augmentation,
    renderer,
    reuse: true,
  })) {
    if (!values.unread) touch(batch.images);
    count += batch.count;
  }
  return count / ((performance.now() - started) / 1000);
}

/** As in the first epoch of a training. */
function keepAnew(dataset) {
  return cachePictures(dataset, { limitBytes: 2 ** 30, shortSide: PREPROCESSING.resize.size });
}

/** Reads a value of each line of the cache: a batch that nobody looks at need not have arrived. */
function touch(images) {
  let sum = 0;
  for (let i = 0; i < images.length; i += 16) sum += images[i];
  if (Number.isNaN(sum)) throw new Error('a batch holds what is no number');
}

/** A Python process that answers each line with pictures per second. */
function startTorch() {
  const list = join(folder, 'pictures.txt');
  writeFileSync(list, paths.join('\n'));
  const child = spawn(values.python, [path('loading_torch.py'), list, String(BATCH)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    ask: async (line) => {
      child.stdin.write(`${line}\n`);
      const { done, value } = await lines.next();
      if (done) throw new Error('Python ended before it answered');
      return value;
    },
  };
}

const torch = startTorch();
const renderer = createRenderThreads(threads);
try {
  const version = await torch.ask('version');
  const { training: pictures } = await openDataset(photographs.folder);
  const shape = { kind: 'short-side', size: 256 };
  await prepareShards({ training: pictures }, join(folder, 'shards'), { shape });
  const { training } = await openShards(join(folder, 'shards'));
  const fromFiles = (dataset) => (turn) =>
    runEpochs(dataset(), RESIZED_CROP, { turn, epochs: 1, renderer });
  const fromShards = (augmentation) => (turn) =>
    runEpochs(training, augmentation, { turn, epochs: EPOCHS_FROM_SHARDS, renderer });
  const sides = [
    [
      'torchvision, JPEG, resized crop, 2 workers',
      async () => Number(await torch.ask(values.unread ? 'jpeg unread' : 'jpeg')),
    ],
    ['ours, JPEG, resized crop', fromFiles(() => pictures)],
    ['ours, JPEG, resized crop, into an empty cache', fromFiles(() => keepAnew(pictures))],
    ['ours, shards, resized crop', fromShards(RESIZED_CROP)],
    ['ours, shards, crop of 224', fromShards(CROP)],
  ];
  const rates = sides.map(() => []);
  const rounds = Number(values.rounds);
  for (let round = -1; round < rounds; round++) {
    for (const [index, [, run]] of sides.entries()) {
      const rate = await run(round + 1);
      // The first round warms up.
      if (round >= 0) rates[index].push(rate);
    }
  }
  console.log(`${version}; ${paths.length} photographs, batches of ${BATCH}, median of ${rounds}`);
  for (const [index, [name]] of sides.entries()) {
    const ratios = rates[index].map((rate, round) => rate / rates[0][round]);
    console.log(
      `${name.padEnd(46)} ${median(rates[index]).toFixed(0).padStart(6)} pictures/s  × ${median(ratios).toFixed(2)}`,
    );
  }
} finally {
  await renderer.dispose();
  torch.child.kill();
  photographs.remove();
  rmSync(folder, { recursive: true, force: true });
}
