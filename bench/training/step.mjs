// Time and memory of full training steps (forward, backward, update, dropout on) on random pictures.
// Usage: pnpm bench training --preset caffe-alexnet --batch-size 32 --steps 10 --threads 2
import { parseArgs } from 'node:util';
import { createModel, createRandom, createTensor } from '@alexnet/core';
import { toOneHot } from '@alexnet/train';
import { loadOnnxRuntime } from '@alexnet/train/node';
import { createOrtEngine } from '@alexnet/train/ort';

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

const { graph, weights, metadata } = createModel(preset);
const builtMs = performance.now();
const engine = await createOrtEngine({
  ort: await loadOnnxRuntime(),
  graph,
  batchSize,
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  state: weights,
  frozen: [],
  seed: 0,
  device: 'cpu',
  threads,
});
const setUpMs = performance.now() - builtMs;
const { data: images } = createTensor([batchSize, ...graph.input.shape]);
createRandom(0).fillNormal(images);
const classes = metadata.labels.length;
const labels = Array.from({ length: batchSize }, (_, index) => index % classes);

const durationsMs = [];
for (let step = 1; step <= WARM_UP + steps; step++) {
  const startedMs = performance.now();
  await engine.step({
    images,
    targets: toOneHot(labels, { batchSize, classes }),
    normalizer: batchSize,
    learningRate: 1e-4,
    step,
  });
  if (step > WARM_UP) durationsMs.push(performance.now() - startedMs);
}
const { version } = engine.info;
await engine.dispose();

durationsMs.sort((a, b) => a - b);
const median = durationsMs[Math.floor(durationsMs.length / 2)];
console.log(
  JSON.stringify({
    preset,
    batchSize,
    threads,
    onnxruntime: version,
    setUpMs: Math.round(setUpMs),
    medianMs: Math.round(median),
    fastestMs: Math.round(durationsMs[0]),
    picturesPerSecond: Math.round((batchSize * 1000) / median),
    peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
