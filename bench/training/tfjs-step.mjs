// Training steps on TensorFlow, one a turn: the other engine's side of engines.mjs.
import { countClasses, createModel, createRandom, createTensor } from '@alexnet/core';
import { createTargets } from '@alexnet/train';
import { startTfjsEngine } from '@alexnet/train/node';
import { answerTurns } from '../answer-turns.mjs';

const [preset, batch, threads, device] = process.argv.slice(2);
const batchSize = Number(batch);
const { graph, weights } = createModel(preset);
const engine = await startTfjsEngine({
  graph,
  batchSize,
  device,
  threads: Number(threads),
  rule: { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } },
  state: weights,
  ownsState: true,
  frozen: [],
  seed: 0,
});
const { data: images } = createTensor([batchSize, ...graph.input.shape]);
createRandom(0).fillNormal(images);
const classes = countClasses(graph);
const labels = Array.from({ length: batchSize }, (_, index) => index % classes);
const { rows: targets } = createTargets(labels, { batchSize, classes });
let step = 0;
await answerTurns(`tfjs ${engine.info.version} on ${engine.info.device}`, async () => {
  step += 1;
  const beginMs = performance.now();
  await engine.step({ images, targets, normalizer: batchSize, learningRate: 1e-4, step });
  return performance.now() - beginMs;
});
await engine.dispose();
process.exit(0);
