// JPEGs decoded at a reduced scale (`shrinkOnLoad`) against those that are decoded whole and resized then: inputs per
// second, taking turns, and by how many levels the pictures differ. The photographs as they are, down to a quarter and
// an eighth of their short side, and some of them enlarged to 2,048 pixels, as cameras have them, down to 256.
// Usage: pnpm bench data-shrink --python PATH [--pictures TAR] [--rounds 5]
// PATH is a Python with pillow from PyPI.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@alexnet/core';
import { readBatches, resizePicture } from '@alexnet/data';
import { createRenderThreads, openDataset } from '@alexnet/data/node';
import { median, unpackPhotographs } from '../inference/photographs.mjs';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    python: { type: 'string', default: 'python3' },
    pictures: {
      type: 'string',
      default: fileURLToPath(
        new URL('../../../shared/data/imagenet-sample-1000-short256.tar', import.meta.url),
      ),
    },
    rounds: { type: 'string', default: '5' },
  },
});

/** Every 25th photograph, eight times as large. */
const ENLARGE = `
import sys
from PIL import Image
for number, path in enumerate(sys.stdin.read().split("\\n")[::25]):
    picture = Image.open(path).convert("RGB")
    size = (8 * picture.width, 8 * picture.height)
    picture.resize(size, Image.Resampling.LANCZOS).save(f"{sys.argv[1]}/{number % 2}/{number}.jpg", quality=90)
`;

const toShortSide = (size) => ({ mode: 'short-side', size, filter: 'bilinear', antialias: true });

/** Pictures per second as inputs at this short side. */
async function measureRate(dataset, size, renderer) {
  const startedMs = performance.now();
  let count = 0;
  for await (const batch of readBatches(dataset, {
    preprocessing: {
      resize: toShortSide(size),
      crop: { width: size, height: size },
      channels: 'RGB',
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
    batchSize: 20,
    random: createRandom(0),
    shuffle: false,
    renderer,
    reuse: true,
  })) {
    count += batch.count;
  }
  return (1000 * count) / (performance.now() - startedMs);
}

/** Levels by which pictures differ: the mean, what 99 of 100 values do not exceed, the largest. */
async function compare(whole, shrunk, size) {
  const counts = new Array(256).fill(0);
  for (let index = 0; index < whole.length; index += Math.ceil(whole.length / 100)) {
    const expected = resizePicture(await whole.readPicture(index), toShortSide(size)).pixels;
    const { pixels } = resizePicture(await shrunk.readPicture(index), toShortSide(size));
    for (const [i, value] of pixels.entries()) counts[Math.abs(value - expected[i])] += 1;
  }
  const total = counts.reduce((a, b) => a + b);
  const mean = counts.reduce((sum, count, levels) => sum + count * levels, 0) / total;
  let below = 0;
  const most = counts.findIndex((count) => {
    below += count;
    return below >= 0.99 * total;
  });
  return { mean, most, largest: counts.findLastIndex((count) => count > 0) };
}

const folder = mkdtempSync(join(tmpdir(), 'alexnet-shrinking-'));
const photographs = unpackPhotographs(values.pictures);
const renderer = createRenderThreads();
try {
  const large = join(folder, 'large');
  for (const half of [0, 1]) mkdirSync(join(large, `${half}`), { recursive: true });
  execFileSync(values.python, ['-c', ENLARGE, large], { input: photographs.paths.join('\n') });
  for (const [name, path, size] of [
    ['photographs to 64', photographs.folder, 64],
    ['photographs to 32', photographs.folder, 32],
    ['enlarged to 2,048, to 256', large, 256],
    ['the same, to 500', large, 500],
  ]) {
    const { training: whole } = await openDataset(path);
    const { training: shrunk } = await openDataset(path, { shrinkOnLoad: size });
    const rates = [[], []];
    for (let round = -1; round < Number(values.rounds); round++) {
      for (const [side, dataset] of [whole, shrunk].entries()) {
        const rate = await measureRate(dataset, size, renderer);
        // The first round warms up.
        if (round >= 0) rates[side].push(rate);
      }
    }
    const [before, after] = rates.map(median);
    const ratio = median(rates[0].map((rate, round) => rates[1][round] / rate));
    const { mean, most, largest } = await compare(whole, shrunk, size);
    console.log(
      `${name}: ${before.toFixed(0)} and ${after.toFixed(0)} pictures/s, × ${ratio.toFixed(2)}; levels: mean ${mean.toFixed(2)}, 99 % within ${most}, largest ${largest}`,
    );
  }
} finally {
  await renderer.dispose();
  photographs.remove();
  rmSync(folder, { recursive: true, force: true });
}
