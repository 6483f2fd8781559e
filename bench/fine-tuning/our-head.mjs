// Steps of the fully connected layers on features out of a cache, some a turn: our side of compare.mjs.
import { cutFrom } from '@alexnet/core/transforms';
import { createTargets, readFeatureEpochs } from '@alexnet/train';
import { createWorkerEngineFactory } from '@alexnet/train/node';
import { answerTurns } from '../answer-turns.mjs';
import { createFrozenModel, createNoise, openFeatures } from './noise.mjs';

const [preset, folder, ...numbers] = process.argv.slice(2);
const [pictureCount, batchSize, threads, stepsOfTurn] = numbers.map(Number);
const model = createFrozenModel(preset);
const pictures = createNoise(model, pictureCount);
const { features } = await openFeatures(model, { pictures, folder, threads });
const head = cutFrom(model, model.value);
const engine = await createWorkerEngineFactory({ threads })({
  graph: head.graph,
  state: head.weights,
  batchSize,
  rule: { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 } },
  frozen: [],
  seed: 0,
});

const batches = readFeatureEpochs(features.training, {
  batchSize,
  size: head.graph.input.shape[0],
  seed: 0,
  firstEpoch: 1,
  startBatch: 0,
  endEpoch: Number.POSITIVE_INFINITY,
});
const classes = pictures.labels.length;
let step = 0;
async function takeStep() {
  const { value: batch } = await batches.next();
  const { rows: targets, normalizer } = createTargets(batch.labels, { batchSize, classes });
  step += 1;
  await engine.step({ images: batch.images, targets, normalizer, learningRate: 1e-4, step });
}

await answerTurns(`onnxruntime ${engine.info.version}`, async () => {
  const startedMs = performance.now();
  for (let i = 0; i < stepsOfTurn; i++) await takeStep();
  return (performance.now() - startedMs) / stepsOfTurn;
});
process.exit(0);
