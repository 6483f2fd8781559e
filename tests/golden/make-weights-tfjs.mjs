// A layers model saved by TensorFlow.js itself, and what it computes.
//
//   node make-weights-tfjs.mjs OUTPUT_FOLDER
//
// writes javascript/model.json, javascript/weights.bin and javascript/tfjs.json. To be run in a folder with
// @tensorflow/tfjs-layers, -core and -backend-cpu in node_modules (the versions used stand in the file); shares no
// code with this project.

import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** From the folder that the script runs in: TensorFlow.js is no dependency of this project. */
const load = createRequire(join(process.cwd(), 'package.json'));
const tf = load('@tensorflow/tfjs-core');
const layers = load('@tensorflow/tfjs-layers');
load('@tensorflow/tfjs-backend-cpu');

const SHAPE = [2, 3, 19, 17];
const SEED = 1;
const BOUND = 2;

/** lowbias32, as tests/golden/reference_recipe.py has it. */
function hashed(seed, count, bound) {
  const offset = Math.imul(seed, 0x9e3779b9);
  return Float32Array.from({ length: count }, (_, i) => {
    let h = (i + offset) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
    h ^= h >>> 16;
    return ((h >>> 8) / 2 ** 23 - 1) * bound;
  });
}

const model = layers.sequential({
  name: 'small',
  layers: [
    layers.layers.conv2d({
      name: 'conv1',
      inputShape: [SHAPE[2], SHAPE[3], SHAPE[1]],
      filters: 4,
      kernelSize: [3, 5],
      strides: 2,
      padding: 'same',
      activation: 'relu',
    }),
    layers.layers.batchNormalization({ name: 'bn1' }),
    layers.layers.averagePooling2d({ name: 'pool1', poolSize: 3, strides: 2 }),
    layers.layers.flatten({ name: 'flatten' }),
    layers.layers.dense({ name: 'fc1', units: 6, activation: 'tanh' }),
    layers.layers.dropout({ name: 'drop1', rate: 0.5 }),
    layers.layers.dense({ name: 'fc2', units: 5, useBias: false }),
  ],
});
const weights = model.getWeights().map((weight, index) => {
  const values = hashed(100 + index, weight.size, 0.5);
  // Variances have to be positive.
  const isVariance = model.weights[index].name.endsWith('moving_variance');
  return tf.tensor(isVariance ? values.map((value) => value + 1) : values, weight.shape);
});
model.setWeights(weights);

const folder = join(process.argv[2], 'javascript');
await mkdir(folder, { recursive: true });
await model.save(
  tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData, ...rest }) => {
    const { format, generatedBy, convertedBy } = rest;
    const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
    // As tf.io.browserDownloads() writes it.
    const json = { modelTopology, format, generatedBy, convertedBy, weightsManifest };
    await writeFile(join(folder, 'model.json'), JSON.stringify(json));
    await writeFile(
      join(folder, 'weights.bin'),
      Buffer.from(tf.io.concatenateArrayBuffers([].concat(weightData))),
    );
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  }),
);
const [N, C, H, W] = SHAPE;
const picture = tf.transpose(tf.tensor(hashed(SEED, N * C * H * W, BOUND), SHAPE), [0, 2, 3, 1]);
const expected = [...(await model.predict(picture).data())];
const by = Object.fromEntries(
  ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'].map((name) => [
    name,
    load(`${name}/package.json`).version,
  ]),
);
const arrays = Object.fromEntries(
  model.weights.map((weight, index) => {
    const values = [...model.getWeights()[index].dataSync()];
    const sum = values.reduce((total, value) => total + value, 0);
    return [weight.originalName, { shape: weight.shape, values: values.slice(0, 4), sum }];
  }),
);
const document = {
  by,
  image: { shape: SHAPE, seed: SEED, bound: BOUND },
  cases: [{ name: 'javascript', arrays, expected }],
};
await writeFile(join(folder, 'tfjs.json'), `${JSON.stringify(document, null, 1)}\n`);
