// Products of two matrices of 2048 × 2048 on onnxruntime, one a turn: what the machine gives at the time.
import { createOnnxBuilder, encodeModel } from '@alexnet/export';
import * as ort from 'onnxruntime-node';
import { answerTurns } from './answer-turns.mjs';

const [size, threads] = process.argv.slice(2).map(Number);
const builder = createOnnxBuilder('product');
const operands = ['a', 'b'].map((name) => builder.input(name, 'float32', [size, size]));
builder.output(builder.op('MatMul', operands, {}, { output: 'c' }), 'float32', [size, size]);
const session = await ort.InferenceSession.create(encodeModel(builder.build()), {
  intraOpNumThreads: threads,
});
const matrix = () =>
  new ort.Tensor('float32', new Float32Array(size * size).fill(0.5), [size, size]);
const feeds = { a: matrix(), b: matrix() };
await answerTurns(`onnxruntime ${ort.env.versions.common}`, async () => {
  const startedMs = performance.now();
  await session.run(feeds);
  return performance.now() - startedMs;
});
process.exit(0);
