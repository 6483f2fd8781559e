// The frozen layers alone on onnxruntime, as an exported model, in batches of 32: what features are held against.
import { countClasses, numberedLabels } from '@alexnet/core';
import { cutAt } from '@alexnet/core/transforms';
import { exportOnnx } from '@alexnet/export';
import * as ort from 'onnxruntime-node';
import { answerTurns } from '../answer-turns.mjs';
import { createFrozenModel } from './noise.mjs';

const BATCH_SIZE = 32;
const [preset, ...numbers] = process.argv.slice(2);
const [pictureCount, threads] = numbers.map(Number);
const model = createFrozenModel(preset);
const layers = cutAt(model, model.value);
// An exported model has a label for each of its outputs.
const labels = numberedLabels(countClasses(layers.graph));
const file = exportOnnx({ ...layers, metadata: { ...model.metadata, labels } });
const session = await ort.InferenceSession.create(file, { intraOpNumThreads: threads });
const shape = [BATCH_SIZE, ...model.graph.input.shape];
const noise = new Float32Array(shape.reduce((size, length) => size * length, 1));
for (let i = 0; i < noise.length; i++) noise[i] = Math.sin(i);
await answerTurns(`onnxruntime ${ort.env.versions.common}`, async () => {
  const startedMs = performance.now();
  for (let at = 0; at < pictureCount; at += BATCH_SIZE) {
    await session.run({ image: new ort.Tensor('float32', noise, shape) });
  }
  return performance.now() - startedMs;
});
process.exit(0);
