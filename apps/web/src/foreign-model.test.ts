import { createModel } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import { describe, expect, test } from 'vitest';
import { completeForeignModel, type ForeignModel, readForeignModel } from './foreign-model.ts';

const alexnet: ForeignModel = {
  channels: 3,
  height: 224,
  width: 224,
  classes: 2,
  labels: '',
};
const answers = {
  labels: 'cat\ndog\n',
  values: 'torchvision',
  framing: 'middle',
} as const;
const isError = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

test('what the file says', () => {
  const model = createModel('mini', { labels: ['<b>shoe</b>', 'bag'] });
  const { graph } = model;
  expect(readForeignModel(exportOnnx(model, { output: 'probabilities' }), 'm.onnx')).toEqual({
    channels: graph.input.shape[0],
    height: graph.input.shape[1],
    width: graph.input.shape[2],
    classes: 2,
    labels: '<b>shoe</b>\nbag',
  });
});

test('bytes that are no model are refused', () => {
  expect(() => readForeignModel(new TextEncoder().encode('<!doctype html>'), 'm.onnx')).toThrow(
    isError('INVALID_MODEL', /./),
  );
});

describe('preprocessing', () => {
  test('of torchvision is its documented one', () => {
    // torchvision 0.29, AlexNet_Weights.IMAGENET1K_V1.transforms()
    expect(completeForeignModel(alexnet, answers).preprocessing).toEqual({
      resize: { mode: 'short-side', size: 256, filter: 'bilinear', antialias: true },
      crop: { height: 224, width: 224 },
      channels: 'RGB',
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    });
  });

  test('of −1 to 1 maps black and white to the ends', () => {
    const { preprocessing } = completeForeignModel(alexnet, { ...answers, values: 'signed' });
    const { scale, mean, std } = preprocessing;
    const [centre] = Array.isArray(mean) ? mean : [];
    const map = (value: number): number => (value * scale - Number(centre)) / Number(std[0]);
    expect([map(0), map(255)]).toEqual([-1, 1]);
  });

  test('of a grey network has one mean; the whole picture keeps no margin', () => {
    const grey = { ...alexnet, channels: 1, height: 28, width: 20 };
    const { preprocessing } = completeForeignModel(grey, {
      ...answers,
      values: 'caffe',
      framing: 'whole',
    });
    expect(preprocessing.resize).toMatchObject({ mode: 'exact', height: 28, width: 20 });
    expect(preprocessing.channels).toBe('grey');
    // 0.114 · 104 + 0.587 · 117 + 0.299 · 123
    expect(preprocessing.mean).toEqual([expect.closeTo(117.312, 9)]);
    expect(preprocessing.std).toEqual([expect.closeTo(1, 12)]);
  });
});

describe('labels', () => {
  test('are numbers unless given', () => {
    expect(completeForeignModel(alexnet, answers).labels).toEqual(['cat', 'dog']);
    expect(completeForeignModel(alexnet, { ...answers, labels: ' \n' }).labels).toEqual([
      'class 0',
      'class 1',
    ]);
  });

  test('must be as many as the classes', () => {
    expect(() => completeForeignModel(alexnet, { ...answers, labels: 'cat' })).toThrow(
      isError('INVALID_ARGUMENT', /2 classes, but 1 label/),
    );
    expect(() =>
      completeForeignModel({ ...alexnet, classes: null }, { ...answers, labels: '' }),
    ).toThrow(isError('INVALID_ARGUMENT', /how many classes/));
  });
});
