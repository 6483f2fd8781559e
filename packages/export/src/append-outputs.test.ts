import { createModel } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { appendOutputs } from './append-outputs.ts';
import { appendTypedOutputs } from './append-typed-outputs.ts';
import { createOnnxBuilder } from './builder.ts';
import { encodeModel } from './proto/codec.ts';
import { readOnnxMetadata } from './read-onnx-metadata.ts';
import { exportOnnx } from './to-onnx.ts';

const bytes = exportOnnx(createModel('mini', { widthMultiplier: 0.01, classes: 3 }));

test('the file stays as it is, and the outputs stand behind it', () => {
  const appended = appendOutputs(bytes, ['conv5', 'fc7']);
  expect(appended.subarray(0, bytes.length)).toEqual(bytes);
  // ModelProto.graph (7) { output (12) { name (1): "conv5" } output { name: "fc7" } }, by protobuf's encoding.
  const text = (value: string) => [...new TextEncoder().encode(value)];
  const tail = [0x3a, 16, 0x62, 7, 0x0a, 5, ...text('conv5'), 0x62, 5, 0x0a, 3, ...text('fc7')];
  expect([...appended.subarray(bytes.length)]).toEqual(tail);
});

test('what is an output already is not appended again', () => {
  expect(appendOutputs(bytes, ['logits'])).toBe(bytes);
  const once = appendOutputs(bytes, ['pool5', 'pool5', 'logits']);
  expect(once.length).toBe(bytes.length + 11);
  expect(appendOutputs(once, ['pool5'])).toBe(once);
});

test('all are what depends on the input: neither weights nor what is made of weights alone', () => {
  const builder = createOnnxBuilder('parts');
  const image = builder.input('image', 'float32', ['N', 2]);
  const weight = builder.initializer('weight', {
    dtype: 'float32',
    shape: [2],
    data: Float32Array.of(1, 2),
  });
  const halved = builder.op('Neg', [weight], {}, { name: 'negated' });
  const sum = builder.op('Add', [image, halved], {}, { name: 'sum' });
  builder.output(builder.op('Relu', [sum], {}, { name: 'relu' }), 'float32', ['N', 2]);
  const parts = encodeModel(builder.build({}));
  const { outputs } = readOnnxMetadata(parts);
  expect(outputs.map(({ name }) => name)).toEqual(['relu']);
  expect(appendOutputs(parts, 'all')).toEqual(appendOutputs(parts, ['sum', 'relu']));
  const layers = ['conv1', 'relu1', 'norm1', 'pool1', 'fc7', 'logits'];
  const all = appendOutputs(bytes, 'all');
  expect(appendOutputs(all, layers)).toBe(all);
});

test('with its shape, an output has a type', () => {
  const shapes = new Map([['conv5', [3, 13, 13]]]);
  const appended = appendTypedOutputs(bytes, ['conv5'], shapes);
  // type (2) { tensor_type (1) { elem_type (1): FLOAT shape (2) { dim (1) { dim_param (2): "N" } dim { dim_value (1): 3 } … } } }
  const shape = [10, 3, 18, 1, 0x4e, 10, 2, 8, 3, 10, 2, 8, 13, 10, 2, 8, 13];
  const type = [0x0a, 21, 8, 1, 0x12, 17, ...shape];
  const name = [0x0a, 5, ...new TextEncoder().encode('conv5')];
  const tail = [0x3a, 34, 0x62, 32, ...name, 0x12, 23, ...type];
  expect([...appended.subarray(bytes.length)]).toEqual(tail);
});

describe('refuses', () => {
  test('names that no node gives, with all there are', () => {
    const error = expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: 'The model has no layer "con5".',
      hint: expect.stringMatching(/^Layers: conv1, relu1, .*, logits\.$/),
    });
    expect(() => appendOutputs(bytes, ['conv5', 'con5'])).toThrow(error);
    expect(() => appendOutputs(bytes, ['image'])).toThrow('no layer "image"');
    expect(() => appendOutputs(bytes, ['conv1.weight'])).toThrow('no layer "conv1.weight"');
    expect(() => appendOutputs(bytes, [''])).toThrow('no layer ""');
  });

  test('bytes that are no model', () => {
    expect(() => appendOutputs(bytes.subarray(0, 3000), ['conv5'])).toThrow('not a readable ONNX');
  });
});
