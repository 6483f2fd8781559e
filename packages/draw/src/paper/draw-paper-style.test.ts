import { createGraphBuilder, createNetwork } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { readTexts } from '../test-svg.ts';
import { drawPaperStyle } from './draw-paper-style.ts';
import { createPart } from './part.ts';
import { chooseScale } from './scale.ts';
import { cutIntoStages } from './stages.ts';

const { graph } = createNetwork('paper');

/** How often each of these texts stands in a picture. */
function count(svg: string, wanted: readonly string[]): Readonly<Record<string, number>> {
  const texts = readTexts(svg).map(({ text }) => text);
  return Object.fromEntries(
    wanted.map((text) => [text, texts.filter((other) => other === text).length]),
  );
}

describe('the paper’s figure 2', () => {
  const svg = drawPaperStyle(graph);

  test('has its numbers, those of both towers', () => {
    // Each map its height and its width; each kernel too; image and fc8 stand once, all else twice.
    const figure = {
      '224': 2,
      '11': 4,
      '55': 4,
      '48': 2,
      '5': 4,
      '27': 4,
      '128': 4,
      '13': 12,
      '192': 4,
      '2048': 4,
      '1000': 1,
      '3': 13,
    };
    expect(count(svg, Object.keys(figure))).toEqual(figure);
  });

  test('has its words', () => {
    const words = { Stride: 1, 'of 4': 1, Max: 3, pooling: 3, dense: 3 };
    expect(count(svg, Object.keys(words))).toEqual(words);
  });

  test('lets conv2, conv4 and conv5 read their own tower, and conv3 both', () => {
    // Pyramids: conv1 2, conv2 2, conv3 4, conv4 2, conv5 2.
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(2 + 2 + 4 + 2 + 2);
    const { graph: merged } = createNetwork('paper', { groups: 1 });
    expect(drawPaperStyle(merged).match(/stroke-dasharray/g)).toHaveLength(5);
  });

  test('is true to scale', () => {
    const stages = cutIntoStages(graph);
    const scale = chooseScale(stages);
    for (const stage of stages.filter(({ kind }) => kind !== 'dense')) {
      const part = createPart(stage, scale, [{ size: [3, 3], place: [0.5, 0.5] }]);
      const height = part.at([0, 1])[1] - part.at([0, 0])[1];
      expect(height / stage.size[0]).toBeCloseTo(300 / 224, 10);
      const [corner] = part.kernels;
      const [top, , , bottom] = corner?.corners ?? [];
      expect((bottom?.[1] ?? 0) - (top?.[1] ?? 0)).toBeCloseTo((3 * 300) / 224, 10);
      const channels = stage.isSplit ? stage.channels / 2 : stage.channels;
      const depth = part.exit[0] - part.entry[0];
      expect(depth / Math.sqrt(channels)).toBeCloseTo(3, 10);
    }
  });
});

describe('stages', () => {
  const init = {
    weight: { kind: 'constant', value: 0 },
    bias: { kind: 'constant', value: 0 },
  } as const;

  test('of the paper', () => {
    const rows = cutIntoStages(graph).map(({ name, channels, size, isSplit }) => [
      name,
      channels,
      size.join('×'),
      isSplit,
    ]);
    expect(rows).toEqual([
      ['image', 3, '224×224', false],
      ['conv1', 96, '55×55', true],
      ['conv2', 256, '27×27', true],
      ['conv3', 384, '13×13', true],
      ['conv4', 384, '13×13', true],
      ['conv5', 256, '13×13', true],
      ['fc6', 4096, '1×1', true],
      ['fc7', 4096, '1×1', true],
      ['fc8', 1000, '1×1', false],
    ]);
  });

  test('say what a layer does, in its order', () => {
    const { graph: net } = createNetwork('caffe-alexnet');
    expect(cutIntoStages(net)[2]?.captions).toEqual([
      ['5×5', 'pad 2', '2 groups'],
      ['ReLU'],
      ['LRN over 5'],
      ['max pool 3×3', 'stride 2'],
    ]);
  });

  test('say that a size is rounded up only where it is', () => {
    const pooled = (side: number) =>
      createGraphBuilder('pooled', [1, side, side])
        .maxPool('pool', { kernel: 3, stride: 2, ceilMode: true })
        .build();
    expect(cutIntoStages(pooled(7))[0]?.captions[1]).toEqual(['max pool 3×3', 'stride 2']);
    expect(cutIntoStages(pooled(8))[0]?.captions[1]).toContain('rounded up');
  });

  test('end with what is left where no layer makes it', () => {
    const net = createGraphBuilder('pooled', [3, 8, 8])
      .conv('conv', { channels: 6, kernel: 3, init })
      .adaptiveAveragePool('pool', 1)
      .flatten('flatten')
      .build();
    expect(cutIntoStages(net).at(-1)).toMatchObject({
      kind: 'dense',
      channels: 6,
      poolings: ['Average pooling'],
    });
  });

  test('leave out an adaptive pooling that changes nothing', () => {
    const fc6 = cutIntoStages(createNetwork('torchvision').graph).find(
      ({ name }) => name === 'fc6',
    );
    expect(fc6?.poolings).toEqual(['Max pooling']);
  });

  test('need a picture', () => {
    const head = createGraphBuilder('head', [9216]).gemm('fc', { features: 2, init }).build();
    expect(() => drawPaperStyle(head)).toThrow(
      'The input "image" of head is [9216], but the paper\'s style draws pictures',
    );
  });
});
