// Figure 1 of Krizhevsky et al. 2012 on CIFAR-10: how many epochs a net with ReLU and the same net with tanh take to 25 %
// training error, without regularisation, each at its best learning rate: the one that gets there first. Draws both
// curves on a page. Initial values and the scale of the inputs are the published ones, or with --init he those of
// `alexnet train`, which want other rates.
// Usage: node bench/learning/figure-1.mjs --data FOLDER [--page figure-1.html] [--init published] [--relu 0.001,0.002]
//   [--tanh 0.004,0.008,0.016] [--most-epochs 40] [--threads 2] [--seed 1]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createModel } from '@alexnet/core';
import { openDataset } from '@alexnet/data/node';
import { completeTrainingConfig, renderCurve, renderPage, train } from '@alexnet/train';
import { createWorkerEngineFactory } from '@alexnet/train/node';

const NETS = [
  { preset: 'cifar-relu', name: 'ReLU', option: 'relu', role: 'training' },
  { preset: 'cifar-tanh', name: 'tanh', option: 'tanh', role: 'validation' },
];
const WANTED_ERROR = 0.25;
const BATCH = 128;
/** The error is told for so many pictures at a time, as cuda-convnet does. */
const PICTURES_OF_A_POINT = 10_000;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    page: { type: 'string', default: 'figure-1.html' },
    init: { type: 'string', default: 'published' },
    relu: { type: 'string', default: '0.001,0.002' },
    tanh: { type: 'string', default: '0.004,0.008,0.016' },
    'most-epochs': { type: 'string', default: '40' },
    threads: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
  },
});
if (values.data === undefined) {
  console.error('error: --data FOLDER: the one with data_batch_1.bin to data_batch_5.bin.');
  process.exit(2);
}
const [mostEpochs, threads, seed] = [values['most-epochs'], values.threads, values.seed].map(
  Number,
);

const { training } = await openDataset(values.data);
const curves = [];
for (const { preset, name, option, role } of NETS) {
  const best = await findBestRate(preset, readRates(values[option]));
  if (best) curves.push({ name: `${name}, rate ${best.rate}`, role, points: best.points });
}
writeFileSync(values.page, drawPage(curves));

/** None leave a net out. */
function readRates(list) {
  return list.split(',').filter(Boolean).map(Number);
}

/** Trains with each rate until the error is small enough, or as long as the best one took. */
async function findBestRate(preset, rates) {
  let best;
  for (const rate of rates) {
    const points = await trainUntil(preset, { rate, epochs: best?.points.at(-1).x ?? mostEpochs });
    report({ preset, rate, epochs: hasArrived(points) ? points.at(-1).x : null });
    if (!best || (hasArrived(points) && points.length < best.points.length))
      best = { rate, points };
  }
  return best;
}

async function trainUntil(preset, { rate, epochs }) {
  const points = [];
  const run = start(preset, rate);
  do {
    if (!(await takePoint(run, points, `${preset} at ${rate}`))) break;
  } while (!hasArrived(points) && points.at(-1).x < epochs);
  await run.return();
  return points;
}

function start(preset, learningRate) {
  const { labels } = training;
  const { graph, weights, metadata } = createModel(preset, { labels, seed, init: values.init });
  return train({
    graph,
    metadata,
    state: weights,
    config: completeTrainingConfig({
      seed,
      batchSize: BATCH,
      epochs: mostEpochs,
      learningRate,
      schedule: { kind: 'constant' },
      optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
    }),
    training,
    createEngine: createWorkerEngineFactory({ threads }),
  });
}

/** Goes on until another point of the curve is there. @returns whether there was one */
async function takePoint(run, points, what) {
  const steps = Math.round(PICTURES_OF_A_POINT / BATCH);
  let right = 0;
  let taken = 0;
  while (taken < steps) {
    const { value: event, done } = await run.next();
    if (done) return false;
    if (event.event !== 'step') continue;
    right += event.accuracy;
    taken += 1;
    if (taken === steps) {
      points.push({ x: (event.step * BATCH) / training.length, y: 1 - right / steps });
      report({ what, ...points.at(-1) });
    }
  }
  return true;
}

function hasArrived(points) {
  return points.at(-1).y <= WANTED_ERROR;
}

function report(figures) {
  console.log(JSON.stringify(figures));
}

function drawPage(series) {
  const curve = renderCurve({
    title: 'Training error on CIFAR-10',
    description: series
      .map(
        ({ name, points }) =>
          `${name}: ${points.at(-1).y.toFixed(3)} after ${points.at(-1).x.toFixed(1)} epochs.`,
      )
      .join(' '),
    xLabel: 'epoch',
    series,
    yRange: [0, 1],
    yFormat: 'share',
  });
  return renderPage('Figure 1: ReLU and tanh', `<div class="charts">${curve}</div>`);
}
