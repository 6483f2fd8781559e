import {
  createGraphBuilder,
  createNetwork,
  type Graph,
  type GraphBuilder,
  PRESET_IDS,
} from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { RANK_DIRECTIONS } from './caffe/dot.ts';
import { drawCaffeStyle } from './caffe/draw-caffe-style.ts';
import { drawPaperStyle } from './paper/draw-paper-style.ts';
import { findOutside, findOverlaps, readTexts } from './test-svg.ts';

const init = {
  weight: { kind: 'constant', value: 0 },
  bias: { kind: 'constant', value: 0 },
} as const;

function build(
  layers: (builder: GraphBuilder) => GraphBuilder,
  shape: readonly number[] = [3, 32, 32],
): Graph {
  return layers(createGraphBuilder('own', shape)).build();
}

/** Networks that are no preset, each with something that a picture could stumble over. */
const OWN: Readonly<Record<string, Graph>> = {
  'no convolution': build((b) => b.flatten('flatten').gemm('fc', { features: 10, init })),
  'no dense layer': build((b) =>
    b
      .conv('conv', { channels: 64, kernel: 3, init })
      .adaptiveAveragePool('pool', 1)
      .flatten('flatten'),
  ),
  'poolings in a row, before any layer': build((b) =>
    b
      .maxPool('pool1', { kernel: 2, stride: 2 })
      .averagePool('pool2', { kernel: 2, stride: 2 })
      .flatten('flatten')
      .gemm('fc', { features: 1, init })
      .softmax('softmax'),
  ),
  'maps of one pixel': build(
    (b) =>
      b.conv('a', { channels: 2, kernel: 1, init }).conv('b', { channels: 1, kernel: 1, init }),
    [1, 1, 1],
  ),
  'a picture much wider than high': build(
    (b) =>
      b
        .conv('conv', { channels: 8, kernel: [3, 21], stride: [1, 4], init })
        .relu('relu')
        .flatten('flatten')
        .gemm('fc', { features: 100_000, init }),
    [1, 8, 900],
  ),
  'two groups from the picture on': build(
    (b) =>
      b
        .conv('a', { channels: 8, kernel: 3, group: 2, init })
        .conv('b', { channels: 5, kernel: 3, init })
        .conv('c', { channels: 10, kernel: 3, group: 5, init })
        .conv('d', { channels: 4, kernel: 9, pads: 4, group: 2, init })
        .flatten('flatten')
        .gemm('fc', { features: 7, init }),
    [6, 14, 14],
  ),
  'thirty convolutions': build((b) =>
    Array.from({ length: 30 }).reduce<GraphBuilder>(
      (chain, _, index) => chain.conv(`conv${index}`, { channels: 4, kernel: 3, pads: 1, init }),
      b,
    ),
  ),
  'names that are markup, and long': build((b) =>
    b
      .conv('<b>&amp;"\'\\N', { channels: 4, kernel: 3, group: 1, init })
      .relu('a name that is much longer than any column of the picture can be')
      .lrn('名前'.repeat(30), { size: 5, alpha: 1, beta: 1, k: 1 })
      .flatten('flatten\n"; x -> y')
      .gemm('ends with \\', { features: 2, init }),
  ),
};

const networks: readonly (readonly [string, Graph])[] = [
  ...PRESET_IDS.map((id) => [id, createNetwork(id).graph] as const),
  ['paper, a quarter wide', createNetwork('paper', { widthMultiplier: 1 / 48, classes: 2 }).graph],
  ['torchvision, large', createNetwork('torchvision', { inputSize: 511, classes: 21_841 }).graph],
  ['caffe-alexnet, ungrouped', createNetwork('caffe-alexnet', { groups: 1 }).graph],
  ...Object.entries(OWN),
];

function expectLegible(svg: string): void {
  const texts = readTexts(svg);
  expect(texts.length).toBeGreaterThan(2);
  expect(findOverlaps(texts)).toEqual([]);
  expect(findOutside(svg, texts)).toEqual([]);
}

describe('no text runs into another or off the page', () => {
  test.each(networks)('paper style: %s', (_name, graph) => {
    expectLegible(drawPaperStyle(graph));
  });

  test.each(networks)('caffe style: %s', async (_name, graph) => {
    expectLegible(await drawCaffeStyle(graph));
  });

  test.each(RANK_DIRECTIONS)('caffe style, rankdir %s', async (rankdir) => {
    expectLegible(await drawCaffeStyle(createNetwork('paper-code').graph, { rankdir }));
  });
});

describe('the pictures of the README are those of today (vitest -u draws them anew)', () => {
  test('paper', async () => {
    const svg = drawPaperStyle(createNetwork('paper').graph);
    await expect(svg).toMatchFileSnapshot('../pictures/paper.svg');
  });

  test('caffe', async () => {
    const svg = await drawCaffeStyle(createNetwork('cifar-relu').graph);
    await expect(svg).toMatchFileSnapshot('../pictures/cifar-relu-caffe.svg');
  });
});

test('the check sees texts that overlap, and texts outside', () => {
  const text = (x: number, words: string) =>
    `<text x="${x}" y="20" text-anchor="start" font-size="10">${words}</text>`;
  const svg = `<svg x="" width="60" height="30">${text(0, 'ten &lt; c')}${text(30, 'wide')}${text(40, 'off')}${text(55, '…')}</svg>`;
  const texts = readTexts(svg);
  expect(texts.map((each) => each.text)).toEqual(['ten < c', 'wide', 'off', '…']);
  expect(findOverlaps(texts)).toEqual(['ten < c × wide', 'wide × off']);
  expect(findOutside(svg, texts)).toEqual(['…']);
});
