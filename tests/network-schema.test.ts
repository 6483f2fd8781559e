import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  createNetwork,
  encodeMeanImage,
  formatNetwork,
  PRESET_IDS,
  parseNetwork,
} from '@alexnet/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

// The schema and parseNetwork say the same, as far as a schema can say it: every network that one of them
// takes, the other takes, and wrong ones are refused by both. What each op has is held against the schema in
// packages/core/src/graph/network-schema.test.ts.

const schema: object = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('@alexnet/core/network.schema.json'), 'utf8'),
);
const validate = new Ajv2020({ allErrors: true }).compile(schema);

const tiny: unknown = JSON.parse(
  readFileSync(new URL('../examples/networks/tiny.json', import.meta.url), 'utf8'),
);

/** The tiny network with something put in its place: `nodes.0.attributes.group`. */
function tinyWith(place: string, value: unknown): unknown {
  const change = (target: unknown, [key = '', ...rest]: readonly string[]): unknown => {
    if (Array.isArray(target)) {
      return target.map((item, index) => {
        if (String(index) !== key) return item;
        return rest.length === 0 ? value : change(item, rest);
      });
    }
    const fields = { ...(target as Record<string, unknown>) };
    fields[key] = rest.length === 0 ? value : change(fields[key], rest);
    return fields;
  };
  return JSON.parse(JSON.stringify(change(tiny, place.split('.'))));
}

test('the example of the README is the one that is trained', () => {
  const readme = readFileSync(new URL('../packages/core/README.md', import.meta.url), 'utf8');
  const [, text = ''] = /```json\n(.*?)```/s.exec(readme) ?? [];
  expect({ ...JSON.parse(text), $schema: '' }).toEqual(tinyWith('$schema', ''));
});

function expectRight(network: unknown): void {
  validate(network);
  expect(validate.errors).toBeNull();
  expect(() => parseNetwork(network)).not.toThrow();
}

describe('what is right', () => {
  test.each(PRESET_IDS)('%s', (id) => {
    const { graph, preprocessing } = createNetwork(id);
    expectRight(JSON.parse(JSON.stringify(graph)));
    expectRight(JSON.parse(formatNetwork(graph, preprocessing)));
  });

  const pool = { kernelShape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] };
  const lrn = { size: 5, alpha: 1e-4, beta: 0.75, k: 2 };
  const relu = { name: 'relu1', inputs: ['conv1'], output: 'relu1' };
  const picture = {
    resize: { mode: 'exact', height: 28, width: 28, filter: 'bilinear', antialias: true },
    crop: null,
    channels: 'grey',
    scale: 1,
    mean: [0],
    std: [255],
  };
  const meanImage = encodeMeanImage(new Float32Array(28 * 28), { height: 28, width: 28 });
  test.each([
    ['the example', tiny],
    ['without $schema', tinyWith('$schema', undefined)],
    ['LRN', tinyWith('nodes.1', { ...relu, op: 'LRN', attributes: lrn })],
    [
      'LRN of two groups',
      tinyWith('nodes.1', { ...relu, op: 'LRN', attributes: { ...lrn, groups: 2 } }),
    ],
    ['SpatialLRN', tinyWith('nodes.1', { ...relu, op: 'SpatialLRN', attributes: lrn })],
    ['Tanh', tinyWith('nodes.1', { ...relu, op: 'Tanh', attributes: {} })],
    ['Dropout', tinyWith('nodes.1', { ...relu, op: 'Dropout', attributes: { ratio: 0.2 } })],
    ['AveragePool', tinyWith('nodes.2.op', 'AveragePool')],
    ['ceilMode', tinyWith('nodes.2.attributes', { ...pool, ceilMode: true })],
    [
      'AdaptiveAveragePool',
      tinyWith('nodes.2', {
        ...relu,
        op: 'AdaptiveAveragePool',
        name: 'pool1',
        inputs: ['relu1'],
        output: 'pool1',
        attributes: { outputSize: [7, 7] },
      }),
    ],
    ['an initialiser', tinyWith('parameters.0.initializer', { kind: 'normal', mean: 0, std: 0.1 })],
    ['a preprocessing', tinyWith('preprocessing', picture)],
    ["a picture's own mean", tinyWith('preprocessing', { ...picture, mean: 'picture' })],
    ['a mean image', tinyWith('preprocessing', { ...picture, mean: meanImage })],
  ])('%s', (_what, network) => {
    expectRight(network);
  });
});

describe('what is wrong: both refuse it, and the parser names the place', () => {
  test.each<readonly [string, unknown, string]>([
    ['no object', [], 'should be an object'],
    ['a missing field', tinyWith('output', undefined), 'output should be a text, but is missing'],
    ['an unknown field', tinyWith('layers', []), 'layers is no field of the network'],
    ['a slip in a field', tinyWith('preprocesing', {}), 'Did you mean "preprocessing"?'],
    ['an empty name', tinyWith('nodes.1.name', ''), 'nodes.1.name is empty'],
    [
      'a shape with a zero',
      tinyWith('input.shape', [1, 0, 28]),
      'input.shape.1 should be a whole number of at least 1',
    ],
    [
      'a shape with a text',
      tinyWith('parameters.1.shape', ['8']),
      'parameters.1.shape.0 should be',
    ],
    [
      'an unknown op',
      tinyWith('nodes.1.op', 'Gelu'),
      'relu1 is a "Gelu", an op that this version does not know (nodes.1.op). Did you mean "Relu"?',
    ],
    ['an op of the wrong case', tinyWith('nodes.1.op', 'ReLU'), 'Did you mean "Relu"?'],
    [
      'a node without op',
      tinyWith('nodes.1.op', undefined),
      'nodes.1.op should be a text, but is missing',
    ],
    [
      'a node without output',
      tinyWith('nodes.1.output', undefined),
      'nodes.1.output should be a text',
    ],
    [
      'too few inputs',
      tinyWith('nodes.0.inputs', ['image', 'conv1.weight']),
      'conv1 (Conv) has 2 inputs, but needs 3 (nodes.0.inputs)',
    ],
    [
      'too many inputs',
      tinyWith('nodes.1.inputs', ['conv1', 'conv1']),
      'relu1 (Relu) has 2 inputs, but needs 1 (nodes.1.inputs)',
    ],
    [
      'a missing attribute',
      tinyWith('nodes.0.attributes.strides', undefined),
      'nodes.0.attributes.strides should be a list, but is missing',
    ],
    [
      'no attributes',
      tinyWith('nodes.2.attributes', undefined),
      'nodes.2.attributes should be an object, but is missing',
    ],
    [
      'an unknown attribute',
      tinyWith('nodes.0.attributes.dilations', [1, 1]),
      'nodes.0.attributes.dilations is no field of Conv',
    ],
    [
      'an attribute in snake case',
      tinyWith('nodes.2.attributes.ceil_mode', 1),
      'Did you mean "ceilMode"?',
    ],
    [
      'an attribute of an op without any',
      tinyWith('nodes.1.attributes', { slope: 0.1 }),
      'nodes.1.attributes.slope is no field of Relu',
    ],
    [
      'a stride of 0',
      tinyWith('nodes.0.attributes.strides', [0, 2]),
      'nodes.0.attributes.strides.0 should be a whole number of at least 1, but is 0',
    ],
    [
      'two pads',
      tinyWith('nodes.0.attributes.pads', [1, 1]),
      'nodes.0.attributes.pads should be a list of 4',
    ],
    [
      'a negative pad',
      tinyWith('nodes.0.attributes.pads', [1, 1, -1, 1]),
      'nodes.0.attributes.pads.2',
    ],
    [
      'a share of 1',
      tinyWith('nodes.1', {
        op: 'Dropout',
        name: 'd',
        inputs: ['conv1'],
        output: 'relu1',
        attributes: { ratio: 1 },
      }),
      'nodes.1.attributes.ratio should be a number of at least 0 and below 1, but is 1',
    ],
    [
      'an unknown initialiser',
      tinyWith('parameters.0.initializer', { kind: 'zeros' }),
      'parameters.0.initializer.kind should be one of',
    ],
    [
      'an initialiser without its numbers',
      tinyWith('parameters.0.initializer', { kind: 'normal', mean: 0 }),
      'parameters.0.initializer.std should be a number',
    ],
    [
      'a preprocessing without its fields',
      tinyWith('preprocessing', { channels: 'grey' }),
      'resize',
    ],
    [
      'three means of a grey picture',
      tinyWith('preprocessing', {
        resize: { mode: 'none' },
        crop: null,
        channels: 'grey',
        scale: 1,
        mean: [0, 0, 0],
        std: [1],
      }),
      'mean should be a list of 1',
    ],
  ])('%s', (_what, network, says) => {
    expect(validate(network)).toBe(false);
    expect(() => parseNetwork(network)).toThrowError(says);
  });
});

describe('what a schema cannot say: the parser refuses it, and names the place', () => {
  test.each<readonly [string, unknown, string]>([
    [
      'a missing input',
      tinyWith('nodes.2.inputs', ['relu']),
      'pool1 reads "relu", which does not exist (nodes.2.inputs.0). Did you mean "relu1"?',
    ],
    [
      'a cycle',
      tinyWith('nodes.0.inputs', ['pool1', 'conv1.weight', 'conv1.bias']),
      'conv1 reads "pool1" before it is made: a cycle, conv1 → relu1 → pool1 → conv1 (nodes.0.inputs.0).',
    ],
    [
      'a node that reads itself',
      tinyWith('nodes.1.inputs', ['relu1']),
      'a cycle, relu1 → relu1 (nodes.1.inputs.0)',
    ],
    [
      'a parameter that is not there',
      tinyWith('nodes.0.inputs', ['image', 'conv1.wight', 'conv1.bias']),
      '(nodes.0.inputs.1). Did you mean "conv1.weight"?',
    ],
    [
      'two nodes of one name',
      tinyWith('nodes.1.name', 'conv1'),
      'Two nodes are called "conv1": nodes.0 and nodes.1.',
    ],
    [
      'two values of one name',
      tinyWith('nodes.1.output', 'conv1'),
      'Two values are called "conv1": nodes.0.output and nodes.1.output.',
    ],
    [
      'two parameters of one name',
      tinyWith('parameters.1.name', 'conv1.weight'),
      'Two values are called "conv1.weight": parameters.0 and parameters.1.',
    ],
    [
      'a parameter called as the input',
      tinyWith('parameters.1.name', 'image'),
      'Two values are called "image": input and parameters.1.',
    ],
    [
      'an output that nothing makes',
      tinyWith('output', 'fc3'),
      'output "fc3" is made by no node. Did you mean "fc2"?',
    ],
    [
      'a weight of the wrong shape',
      tinyWith('parameters.0.shape', [8, 3, 3, 3]),
      'nodes.0: conv1 expects 3 input channels but image gives 1.',
    ],
    [
      'a kernel of another shape',
      tinyWith('nodes.0.attributes.kernelShape', [5, 5]),
      'nodes.0: conv1.weight is [8, 1, 3, 3], but conv1 needs [8, 1, 5, 5]',
    ],
    [
      'another input size',
      tinyWith('input.shape', [1, 32, 32]),
      'nodes.4: fc2 expects 392 inputs but flatten gives 512.',
    ],
    [
      'a picture that is too small',
      tinyWith('input.shape', [1, 1, 1]),
      'nodes.2: pool1 runs out of pixels',
    ],
    [
      'a gigantic parameter',
      tinyWith('parameters.2.shape', [100_000, 100_000]),
      'weights; 536870912 (2 GiB) are the limit',
    ],
    [
      'a preprocessing of another size',
      tinyWith('preprocessing', {
        resize: { mode: 'none' },
        crop: { height: 32, width: 32 },
        channels: 'grey',
        scale: 1,
        mean: [0],
        std: [1],
      }),
      'tiny takes [1, 28, 28], but its preprocessing makes [1, 32, 32]',
    ],
  ])('%s', (_what, network, says) => {
    expect(validate(network)).toBe(true);
    expect(() => parseNetwork(network)).toThrowError(says);
  });

  test('nodes out of order, as long as a cycle, are told from one', () => {
    const { nodes, ...rest } = JSON.parse(JSON.stringify(tiny));
    const [conv, relu, ...others] = nodes;
    expect(() => parseNetwork({ ...rest, nodes: [relu, conv, ...others] })).toThrowError(
      'relu1 reads "conv1" before it is made: nodes out of order, conv1 (nodes.1) stands behind it (nodes.0.inputs.0).',
    );
  });
});
