// Time and memory of full training steps (forward, backward, update, dropout on) on random pictures.
// Usage: pnpm bench training --preset caffe-alexnet --batch-size 32 --steps 10 --threads 2
import { parseArgs } from 'node:util';
import { estimateTrainingMemory } from '@alexnet/core';
import { createSteps } from './steps.mjs';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    preset: { type: 'string', default: 'torchvision' },
    'batch-size': { type: 'string', default: '32' },
    steps: { type: 'string', default: '8' },
    threads: { type: 'string', default: '2' },
  },
});
const preset = values.preset;
const [batchSize, steps, threads] = [values['batch-size'], values.steps, values.threads].map(
  Number,
);
/** The first steps pay for memory that later ones reuse. */
const WARM_UP = 2;

const MIB = 2 ** 20;
const training = await createSteps({ preset, batchSize, threads });
const durationsMs = [];
for (let step = 0; step < WARM_UP + steps; step++) {
  const ms = await training.take();
  if (step >= WARM_UP) durationsMs.push(ms);
}
await training.dispose();

durationsMs.sort((a, b) => a - b);
const median = durationsMs[Math.floor(durationsMs.length / 2)];
console.log(
  JSON.stringify({
    preset,
    batchSize,
    threads,
    onnxruntime: training.version,
    setUpMs: Math.round(training.setUpMs),
    medianMs: Math.round(median),
    fastestMs: Math.round(durationsMs[0]),
    picturesPerSecond: Math.round((batchSize * 1000) / median),
    peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    baseMemoryMiB: Math.round(training.baseBytes / MIB),
    estimatedMemoryMiB: Math.round(
      estimateTrainingMemory(training.graph, { batchSize }).totalBytes / MIB,
    ),
  }),
);
