import { describe, expect, test } from 'vitest';
import type { Graph } from '../graph/graph.ts';
import { createGraphBuilder, type GraphBuilder } from '../graph/graph-builder.ts';
import { initializeWeights } from '../initialize/initialize-weights.ts';
import { interpret } from '../interpret/interpret.ts';
import { createNetwork } from '../model/create-model.ts';
import { createRandom } from '../random.ts';
import { createTensor, sizeOf } from '../tensor.ts';
import { inferReceptiveFields } from './receptive-field.ts';

const INIT = {
  weight: { kind: 'uniform', bound: 1 },
  bias: { kind: 'constant', value: 0 },
} as const;

describe('by hand: r += (k − 1) · j, j ·= s, c += ((k − 1) / 2 − p) · j', () => {
  const fields = inferReceptiveFields(createNetwork('caffe-alexnet').graph);
  test.each([
    // 11 / 4: r = 1 + 10, j = 4, c = 5
    ['conv1', 11, 4, 5],
    ['norm1', 11, 4, 5],
    // 3 / 2: r = 11 + 2 · 4, j = 8, c = 5 + 4
    ['pool1', 19, 8, 9],
    // 5, padding 2: r = 19 + 4 · 8, c as before
    ['conv2', 51, 8, 9],
    // 3 / 2: r = 51 + 2 · 8, j = 16, c = 9 + 8
    ['pool2', 67, 16, 17],
    // 3, padding 1: r = 67 + 2 · 16, and so on
    ['conv3', 99, 16, 17],
    ['conv4', 131, 16, 17],
    ['conv5', 163, 16, 17],
    // 3 / 2: r = 163 + 2 · 16, j = 32, c = 17 + 16
    ['pool5', 195, 32, 33],
    ['flatten', 195, 32, 33],
    // six positions: 195 + 5 · 32, from 33 − 97 = −64 to 33 + 160 + 97 = 290
    ['fc6', 355, 0, 113],
    ['logits', 355, 0, 113],
  ])('%s of caffe-alexnet', (name, size, stride, offset) => {
    expect(fields.get(name)).toEqual({
      size: [size, size],
      stride: [stride, stride],
      offset: [offset, offset],
    });
  });

  test('padding in front moves the first centre, padding behind does not', () => {
    const torchvision = inferReceptiveFields(createNetwork('torchvision').graph);
    expect(torchvision.get('conv1')?.offset).toEqual([3, 3]);
    const paper = inferReceptiveFields(createNetwork('paper').graph);
    expect(paper.get('conv1')?.offset).toEqual([5, 5]);
  });

  test('an input that is no picture has no field', () => {
    const { graph } = createNetwork('mini');
    const head: Graph = { ...graph, input: { name: 'features', shape: [8] }, nodes: [] };
    expect(inferReceptiveFields(head).size).toBe(0);
  });

  test('where paths meet, the field that holds both', () => {
    // A Gemm whose weight is a value: of the ops that there are, the one that can read two of them.
    const window = { strides: [1, 1], group: 1 } as const;
    const side = { weight: 'narrow.weight', bias: 'narrow.bias' };
    const graph: Graph = {
      name: 'paths',
      input: { name: 'image', shape: [1, 9, 1] },
      parameters: [
        { name: 'narrow.weight', shape: [1, 1, 3, 1], initializer: INIT.weight },
        { name: 'wide.weight', shape: [1, 1, 5, 1], initializer: INIT.weight },
        { name: 'narrow.bias', shape: [1], initializer: INIT.bias },
      ],
      nodes: [
        {
          op: 'Conv',
          name: 'narrow',
          inputs: ['image', side.weight, side.bias],
          output: 'narrow',
          attributes: { ...window, kernelShape: [3, 1], pads: [1, 0, 1, 0] },
        },
        {
          op: 'Conv',
          name: 'wide',
          inputs: ['image', 'wide.weight', side.bias],
          output: 'wide',
          attributes: { ...window, kernelShape: [5, 1], pads: [2, 0, 2, 0] },
        },
        { op: 'Flatten', name: 'a', inputs: ['narrow'], output: 'a', attributes: {} },
        { op: 'Flatten', name: 'b', inputs: ['wide'], output: 'b', attributes: {} },
        { op: 'Gemm', name: 'fc', inputs: ['a', 'b', side.bias], output: 'fc', attributes: {} },
      ],
      output: 'fc',
    };
    // narrow sees −1 … 9, wide −2 … 10
    expect(inferReceptiveFields(graph).get('fc')).toEqual({
      size: [13, 1],
      stride: [0, 0],
      offset: [4, 0],
    });
  });

  test.each([
    // windows [0, 3), [3, 6)
    { length: 6, outputs: 2, size: 3, stride: 3, offset: 1 },
    // windows [0, 3), [2, 5), [4, 7): 7 = 2 · 3 + 1
    { length: 7, outputs: 3, size: 3, stride: 7 / 3, offset: 1 },
    // windows [0, 2), [1, 4), [3, 5): 5 = 1 · 3 + 2
    { length: 5, outputs: 3, size: 3, stride: 5 / 3, offset: 0.5 },
    // windows [0, 2), [1, 3), [2, 4) …: 6 = 1 · 4 + 2; 1.5 pixels a step
    { length: 6, outputs: 4, size: 2, stride: 1.5, offset: 0.5 },
    // pixels repeat: [0, 1), [0, 1), [1, 2), [1, 2)
    { length: 2, outputs: 4, size: 1, stride: 0.5, offset: 0 },
  ])('an adaptive pool from $length to $outputs', ({ length, outputs, size, stride, offset }) => {
    const graph = createGraphBuilder('adaptive', [1, length, length])
      .adaptiveAveragePool('pool', outputs)
      .build();
    expect(inferReceptiveFields(graph).get('logits')).toEqual({
      size: [size, size],
      stride: [stride, stride],
      offset: [offset, offset],
    });
  });
});

describe('the widest adaptive window follows from length and count', () => {
  test('for all small ones', () => {
    for (let length = 1; length <= 24; length++) {
      for (let outputs = 1; outputs <= 24; outputs++) {
        const widths = Array.from(
          { length: outputs },
          (_, i) => Math.ceil(((i + 1) * length) / outputs) - Math.floor((i * length) / outputs),
        );
        const graph = createGraphBuilder('adaptive', [1, length, 1])
          .adaptiveAveragePool('pool', [outputs, 1])
          .build();
        const size = inferReceptiveFields(graph).get('logits')?.size[0];
        expect(size, `${length} to ${outputs}`).toBe(Math.max(...widths));
      }
    }
  });
});

type Pixel = readonly [row: number, column: number];

/** By element "row,column" of the output: the pixels that change it when they change, found by trying. */
function findInfluences(graph: Graph): ReadonlyMap<string, readonly Pixel[]> {
  const weights = initializeWeights(graph, { seed: 3, init: 'published' });
  const [, H = 0, W = 0] = graph.input.shape;
  const run = (data: Float32Array) => {
    const input = { shape: [1, ...graph.input.shape], data };
    const output = interpret(graph, weights, input).get(graph.output);
    if (!output) throw new Error('no output');
    return output;
  };
  const found = new Map<string, Pixel[]>();
  for (const seed of [0, 1]) {
    const image = createTensor(graph.input.shape).data;
    createRandom(seed).fillNormal(image);
    const { data: before, shape } = run(image);
    const [, , , columns = 1] = shape;
    for (let pixel = 0; pixel < H * W; pixel++) {
      // Up and down: one of them wins a maximum, or loses one.
      for (const by of [50, -50]) {
        const changed = image.slice();
        changed[pixel] = (image[pixel] ?? 0) + by;
        for (const [at, value] of run(changed).data.entries()) {
          if (value === before[at]) continue;
          const element = at % sizeOf(shape.slice(2));
          const key = `${Math.floor(element / columns)},${element % columns}`;
          found.set(key, [...(found.get(key) ?? []), [Math.floor(pixel / W), pixel % W]]);
        }
      }
    }
  }
  return found;
}

describe('by trying: each pixel is changed, and what changes with it is compared', () => {
  const conv = (b: GraphBuilder) =>
    b.conv('conv', { channels: 2, kernel: [3, 2], stride: [2, 1], pads: [1, 0, 2, 1], init: INIT });
  const maxPool = (b: GraphBuilder) =>
    b.maxPool('max', { kernel: 3, stride: 2, pads: [1, 1, 0, 0] });
  const ceilPool = (b: GraphBuilder) => b.maxPool('ceil', { kernel: 2, stride: 2, ceilMode: true });
  const average = (b: GraphBuilder) =>
    b.averagePool('mean', { kernel: [2, 3], pads: [0, 1, 1, 1] });
  const spatial = (b: GraphBuilder) =>
    b.spatialLrn('norm', { size: 4, alpha: 0.1, beta: 0.75, k: 1 });
  const batch = (b: GraphBuilder) =>
    b.batchNormalization('batch', { epsilon: 1e-3, momentum: 0.9 });
  const adapt = (b: GraphBuilder) => b.adaptiveAveragePool('adapt', [4, 5]);

  test.each([
    ['conv', [conv]],
    ['max pool', [maxPool]],
    ['max pool, rounded up', [ceilPool]],
    ['average pool', [average]],
    ['spatial LRN', [spatial]],
    ['batch normalisation', [batch]],
    ['conv, max pool, average pool', [conv, maxPool, average]],
    ['conv, batch normalisation, max pool', [conv, batch, ceilPool]],
    ['average pool, spatial LRN, conv', [average, spatial, conv]],
    ['average pool, adaptive pool', [average, adapt]],
  ] as const)('%s', (_name, layers) => {
    let builder = createGraphBuilder('chain', [1, 12, 10]);
    for (const layer of layers) builder = layer(builder);
    const graph = builder.build();
    const field = inferReceptiveFields(graph).get('logits');
    if (!field) throw new Error('no field');
    let whole = 0;
    for (const [key, pixels] of findInfluences(graph)) {
      const element = key.split(',').map(Number);
      for (const axis of [0, 1] as const) {
        const centre = field.offset[axis] + (element[axis] ?? 0) * field.stride[axis];
        const first = centre - (field.size[axis] - 1) / 2;
        const last = centre + (field.size[axis] - 1) / 2;
        const seen = pixels.map((pixel) => pixel[axis]);
        const [least, most] = [Math.min(...seen), Math.max(...seen)];
        expect(least, `${key}, axis ${axis}`).toBeGreaterThanOrEqual(first);
        expect(most, `${key}, axis ${axis}`).toBeLessThanOrEqual(last);
        const isInside = first >= 0 && last < (graph.input.shape[axis + 1] ?? 0);
        if (!isInside) continue;
        whole += 1;
        expect([least, most], `${key}, axis ${axis}`).toEqual([first, last]);
      }
    }
    expect(whole).toBeGreaterThan(0);
  });
});
