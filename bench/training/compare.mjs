// Training steps of ours and of PyTorch, taking turns: each round has one step of every side, and one product of
// 2048 × 2048 matrices, which says what the machine gives at the time.
// Usage: pnpm bench training-pytorch --python PATH --preset torchvision --batch-size 32 --rounds 12
// PATH is a Python with torch and torchvision from PyPI.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createNetwork, summarize } from '@alexnet/core';
import {
  endSide,
  fastestOf,
  median,
  ratioByRound,
  round,
  startSide,
  takeTurns,
} from '../turns.mjs';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    python: { type: 'string', default: 'python3' },
    preset: { type: 'string', default: 'torchvision' },
    'batch-size': { type: 'string', default: '32' },
    rounds: { type: 'string', default: '12' },
    threads: { type: 'string', default: '2' },
  },
});
const { python, preset, threads } = values;
const batchSize = values['batch-size'];
const rounds = Number(values.rounds);
const PRODUCT_SIZE = 2048;

function path(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Forward, both gradients; the first layer's input has none. As direct convolutions, two operations a product. */
function countStepGflop() {
  const layers = summarize(createNetwork(preset).graph).layers.filter(
    ({ multiplyAdds }) => multiplyAdds > 0,
  );
  const products = layers.reduce((sum, { multiplyAdds }) => sum + 3 * multiplyAdds, 0);
  return (2 * Number(batchSize) * (products - layers[0].multiplyAdds)) / 1e9;
}

const torch = (layout) =>
  startSide(`PyTorch, ${layout}`, python, [
    path('torch_step.py'),
    preset,
    batchSize,
    threads,
    layout,
  ]);
const product = await startSide('product', process.execPath, [
  path('../product.mjs'),
  String(PRODUCT_SIZE),
  threads,
]);
const ours = await startSide('ours', process.execPath, [
  path('our-step.mjs'),
  preset,
  batchSize,
  threads,
]);
const others = [await torch('plain'), await torch('channels-last')];
await takeTurns([product, ours, ...others], rounds);

const best = fastestOf(others);
const productGflop = (2 * PRODUCT_SIZE ** 3) / 1e9;
const gflopsOf = (gflop, { durationsMs }) => round((1000 * gflop) / median(durationsMs), 1);
const gflopPerSecond = {
  step: gflopsOf(countStepGflop(), ours),
  product: gflopsOf(productGflop, product),
};
const timeRatio = round(median(ours.durationsMs) / median(best.durationsMs), 3);
const timeRatioByRound = ratioByRound(ours, best);
const roundsMs = Object.fromEntries(
  [product, ours, ...others].map(({ name, durationsMs }) => [name, durationsMs.map(Math.round)]),
);
const results = [];
for (const side of [ours, ...others]) results.push(await endSide(side));
await product.ask('end');
const memoryOf = ({ name }) => results.find((result) => result.name === name).peakMemoryMiB;
console.log(
  JSON.stringify({
    preset,
    batchSize: Number(batchSize),
    rounds,
    results,
    timeRatio,
    timeRatioByRound,
    memoryRatio: round(memoryOf(ours) / memoryOf(best), 2),
    gflopPerSecond,
    roundsMs,
  }),
);
process.exit(0);
