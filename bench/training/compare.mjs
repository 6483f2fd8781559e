// Training steps of ours and of PyTorch, taking turns: each round has one step of every side.
// Usage: pnpm bench training-pytorch --python PATH --preset torchvision --batch-size 32 --rounds 12
// PATH is a Python with torch and torchvision from PyPI.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

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
/** The first steps pay for memory that later ones reuse. */
const WARM_UP = 2;
/** Waiting threads spin for a while; they are not to disturb the next one's step. */
const PAUSE_MS = 100;

function path(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A process that takes one step for each line that it gets. */
async function startSide(name, command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`${name} ended before it answered`);
    return value;
  };
  const version = await next();
  return {
    name,
    version,
    durationsMs: [],
    ask: async (line) => {
      child.stdin.write(`${line}\n`);
      return Number(await next());
    },
  };
}

const torch = (layout) =>
  startSide(`PyTorch, ${layout}`, python, [
    path('torch_step.py'),
    preset,
    batchSize,
    threads,
    layout,
  ]);
const sides = [
  await startSide('ours', process.execPath, [path('our-step.mjs'), preset, batchSize, threads]),
  await torch('plain'),
  await torch('channels-last'),
];
for (let round = 0; round < WARM_UP + rounds; round++) {
  for (const side of sides) {
    const ms = await side.ask('step');
    if (round >= WARM_UP) side.durationsMs.push(ms);
    await sleep(PAUSE_MS);
  }
}
const results = [];
for (const { name, version, durationsMs, ask } of sides) {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  results.push({
    name,
    version: version.replace(/^ready /, ''),
    medianMs: Math.round(sorted[Math.floor(sorted.length / 2)]),
    fastestMs: Math.round(sorted[0]),
    peakMemoryMiB: Math.round(await ask('end')),
  });
}
const [ours, ...others] = results;
const best = others.reduce((a, b) => (a.medianMs <= b.medianMs ? a : b));
console.log(
  JSON.stringify({
    preset,
    batchSize: Number(batchSize),
    rounds,
    results,
    timeRatio: Number((ours.medianMs / best.medianMs).toFixed(3)),
    memoryRatio: Number((ours.peakMemoryMiB / best.peakMemoryMiB).toFixed(2)),
  }),
);
