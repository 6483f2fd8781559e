import { findPreset } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { CATALOGUE, findPublishedWeights, getPublishedWeights } from './catalogue.ts';

const entries = CATALOGUE.map((weights) => [weights.id, weights] as const);

test('has what people download', () => {
  expect(CATALOGUE.map(({ id }) => id)).toEqual([
    'torchvision',
    'bvlc-alexnet',
    'bvlc-caffenet',
    'bvlc-alexnet-npy',
    'onnx-zoo-12',
    'onnx-zoo-9',
    'onnx-zoo-8',
    'onnx-zoo-7',
    'onnx-zoo-6',
    'onnx-zoo-3',
    'onnx-zoo-12-int8',
    'onnx-zoo-12-qdq',
  ]);
});

test('a name means one file', () => {
  const names = CATALOGUE.flatMap(({ id, aliases, fileName }) => [id, ...aliases, fileName]);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
});

describe.each(entries)('%s', (_, weights) => {
  test('is offered under its name, over a connection or with a checksum that nobody can change', () => {
    expect(weights.fileName).toMatch(/^[\w.-]+\.(?:pth|caffemodel|npy|onnx)$/);
    expect(weights.addresses.length).toBeGreaterThan(0);
    for (const { value } of weights.addresses) {
      expect(value).toMatch(new RegExp(`^https?://[^?]*/${weights.fileName}$`));
    }
    const lengths = weights.checksums.map(({ value }) => value.length);
    expect(Math.max(...lengths)).toBe(64);
  });

  test('has checksums of the right length', () => {
    for (const { algorithm, value } of weights.checksums) {
      expect(value).toMatch(
        algorithm === 'sha1' ? /^[0-9a-f]{40}$/ : /^[0-9a-f]{8}(?:[0-9a-f]{56})?$/,
      );
    }
  });

  test('says where each fact is from', () => {
    const { addresses, checksums, sizeBytes, licence, accuracy } = weights;
    for (const { source } of [...addresses, ...checksums, sizeBytes, licence, ...accuracy]) {
      expect(source).not.toBe('');
    }
  });

  test('is about as large as the parameters of its preset', () => {
    // Four bytes each, or one; a hundredth more for what else is in the file.
    const parameters = weights.preset === 'torchvision' ? 61_100_840 : 60_965_224;
    const bytesEach = weights.id.includes('12-') ? 1 : 4;
    expect(weights.sizeBytes.value / (parameters * bytesEach)).toBeGreaterThan(1);
    expect(weights.sizeBytes.value / (parameters * bytesEach)).toBeLessThan(1.001);
  });

  test('has the accuracy of its preset, where one was published for it', () => {
    const published = findPreset(weights.preset).published ?? [];
    const [accuracy] = weights.accuracy;
    if (!accuracy || weights.id.includes('12-')) return;
    expect(published.map(({ top1, top5 }) => [top1, top5])).toContainEqual([
      accuracy.top1,
      accuracy.top5,
    ]);
  });
});

test('the file of torchvision has the name that its checksum begins with, as torch.hub wants', () => {
  const { fileName, checksums } = getPublishedWeights('torchvision');
  const [prefix] = /[0-9a-f]{8}/.exec(fileName) ?? [];
  expect(checksums.every(({ value }) => value.startsWith(prefix ?? '?'))).toBe(true);
});

describe('finds', () => {
  test.each([
    ['torchvision', 'torchvision'],
    ['alexnet-owt-7be5be79.pth', 'torchvision'],
    ['caffe-alexnet', 'bvlc-alexnet'],
    ['CaffeNet', 'bvlc-caffenet'],
    ['onnx-zoo', 'onnx-zoo-12'],
    ['bvlcalexnet-9.onnx', 'onnx-zoo-9'],
  ])('%s', (name, id) => {
    expect(findPublishedWeights(name)?.id).toBe(id);
  });

  test('nothing by another name, and says what there is', () => {
    expect(findPublishedWeights('vgg16')).toBeNull();
    expect(() => getPublishedWeights('torchvison')).toThrow('Did you mean "torchvision"?');
  });
});
