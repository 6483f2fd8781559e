import { createModel } from '@alexnet/core';
import { expect, test } from 'vitest';
import { createOnnxBuilder } from './builder.ts';
import { endsInSoftmax } from './ends-in-softmax.ts';
import { encodeModel } from './proto/codec.ts';
import { exportOnnx } from './to-onnx.ts';

function endIn(...ops: readonly string[]): Uint8Array {
  const builder = createOnnxBuilder('ends');
  const image = builder.input('image', 'float32', ['N', 3]);
  const end = ops.reduce((value, op) => builder.op(op, [value]), image);
  builder.output(builder.op('Identity', [end], {}, { output: 'scores' }), 'float32', ['N', 3]);
  return encodeModel(builder.build({}));
}

test('a softmax is seen, also through what hands values on', () => {
  expect(endsInSoftmax(endIn('Relu', 'Softmax'), 'scores')).toBe(true);
  expect(endsInSoftmax(endIn('Softmax', 'Flatten', 'Dropout'), 'scores')).toBe(true);
  expect(endsInSoftmax(endIn('Softmax', 'Relu'), 'scores')).toBe(false);
  expect(endsInSoftmax(endIn('LogSoftmax'), 'scores')).toBe(false);
  expect(endsInSoftmax(endIn('Softmax'), 'nothing')).toBe(false);
});

test('in files of ours as well', () => {
  const model = createModel('mini', { widthMultiplier: 0.01, classes: 3 });
  expect(endsInSoftmax(exportOnnx(model), 'logits')).toBe(false);
  const bytes = exportOnnx(model, { output: 'probabilities' });
  expect(endsInSoftmax(bytes, 'probabilities')).toBe(true);
});

test('a file whose values go in a circle ends', () => {
  const builder = createOnnxBuilder('circle');
  builder.output(
    builder.op('Identity', [builder.input('a', 'float32', ['N'])], {}, { output: 'b' }),
    'float32',
    ['N'],
  );
  const model = builder.build({});
  const [node] = model.graph.node;
  if (!node) throw new Error('no node');
  const circle = { ...model, graph: { ...model.graph, node: [{ ...node, input: ['b'] }] } };
  expect(endsInSoftmax(encodeModel(circle), 'b')).toBe(false);
});
