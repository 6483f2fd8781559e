// Photographs from JPEG file to five best classes: ours against torchvision and PyTorch, taking turns.
// Usage: pnpm bench inference-pytorch --python PATH [--pictures TAR] [--rounds 6] [--count 256]
// PATH is a Python with torch, torchvision and pillow from PyPI. Both sides have the same random weights.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createModel } from '@alexnet/core';
import { writeOnnxFile } from '@alexnet/export/node';
import { loadModel } from '@alexnet/runtime-node';
import { exportWeights } from '@alexnet/weights';
import { median, unpackPhotographs } from './photographs.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    python: { type: 'string', default: 'python3' },
    pictures: {
      type: 'string',
      default: path('../../../shared/data/imagenet-sample-1000-short256.tar'),
    },
    rounds: { type: 'string', default: '6' },
    count: { type: 'string', default: '256' },
    threads: { type: 'string', default: '2' },
  },
});
const BATCH = 32;
/** Waiting threads spin for a while; they are not to disturb the next side. */
const PAUSE_MS = 300;
const count = Number(values.count);
const rounds = Number(values.rounds);

const folder = mkdtempSync(join(tmpdir(), 'alexnet-inference-'));
const photographs = unpackPhotographs(values.pictures);
const children = [];

/** A Python process that answers each line with a number. */
async function startTorch(workers) {
  const args = [path('classify_torch.py'), weights, list, values.threads, workers, BATCH];
  const child = spawn(values.python, args.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error('Python ended before it answered');
    return value;
  };
  const version = (await next()).replace(/^ready /, '');
  const ask = async (line) => {
    child.stdin.write(`${line}\n`);
    return Number(await next());
  };
  return {
    name: `PyTorch, ${workers} workers`,
    version,
    classify: (first, last) => ask(`round ${first} ${last}`),
    ask,
  };
}

async function startOurs(name, options) {
  const model = await loadModel(file, { device: 'cpu', ...options });
  return {
    name,
    version: `${model.info.runtime} ${model.info.version}`,
    classify: async (first, last) => {
      const started = performance.now();
      await model.classifyBatch(paths.slice(first, last), { topK: 5, batchSize: BATCH });
      return performance.now() - started;
    },
    model,
  };
}

const file = join(folder, 'model.onnx');
const weights = join(folder, 'model.pth');
const list = join(folder, 'pictures.txt');
const { paths } = photographs;
try {
  const model = createModel('torchvision', { seed: 1 });
  await writeOnnxFile(file, model);
  writeFileSync(weights, Buffer.concat(exportWeights(model, 'pytorch')));
  writeFileSync(list, paths.join('\n'));
  const sides = [
    await startOurs('ours', {}),
    await startOurs('ours, for throughput', { performance: 'throughput' }),
    await startOurs('the same in a worker', { performance: 'throughput', worker: true }),
    await startTorch(0),
    await startTorch(2),
  ];
  const rates = new Map(sides.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    const first = ((round + 1) * count) % Math.max(1, paths.length - count);
    for (const { name, classify } of sides) {
      const ms = await classify(first, first + count);
      if (round >= 0) rates.get(name).push((1000 * count) / ms);
      await sleep(PAUSE_MS);
    }
  }
  const results = sides.map(({ name, version }) => ({
    name,
    version,
    picturesPerSecond: Number(median(rates.get(name)).toFixed(1)),
  }));
  const ours = results.filter((_, index) => sides[index].model);
  const others = results.filter((_, index) => !sides[index].model);
  const best = others.reduce((a, b) => (a.picturesPerSecond >= b.picturesPerSecond ? a : b));
  const ratios = ours.map(({ name, picturesPerSecond }) => {
    const byRound = rates.get(name).map((rate, round) => rate / rates.get(best.name)[round]);
    return {
      name,
      ratio: Number((picturesPerSecond / best.picturesPerSecond).toFixed(2)),
      medianOfRatios: Number(median(byRound).toFixed(2)),
    };
  });
  console.log(
    JSON.stringify({
      rounds,
      count,
      results,
      ratios,
    }),
  );
  for (const { name, model } of sides.filter((side) => side.model)) {
    const torch = sides.find((side) => side.ask);
    console.log(JSON.stringify({ name, ...(await compareLogits(model, torch)) }));
  }
  for (const { model } of sides) await model?.dispose();
} finally {
  for (const child of children) child.kill();
  photographs.remove();
  rmSync(folder, { recursive: true });
}

/** All pictures on both sides: largest difference, and how often the best class is the same. */
async function compareLogits(model, torch) {
  const target = join(folder, 'logits.bin');
  await torch.ask(`logits ${target}`);
  const bytes = readFileSync(target);
  const expected = new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  );
  const rows = await model.logits(paths);
  const classes = expected.length / paths.length;
  let [same, error, largest] = [0, 0, 0];
  for (const [index, row] of rows.entries()) {
    const other = expected.subarray(index * classes, (index + 1) * classes);
    if (indexOfLargest(row) === indexOfLargest(other)) same++;
    for (const [c, value] of row.entries()) {
      error = Math.max(error, Math.abs(value - other[c]));
      largest = Math.max(largest, Math.abs(other[c]));
    }
  }
  return {
    pictures: paths.length,
    sameTop1: same,
    largestError: (error / largest).toExponential(1),
  };
}

function indexOfLargest(values) {
  return values.reduce((best, value, index) => (value > values[best] ? index : best), 0);
}
