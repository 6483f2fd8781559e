import { createModel, encodeMeanImage, type Model } from '@alexnet/core';
import { expect, test } from 'vitest';
import { formatModelCard } from './model-card.ts';

test('a mean image is on the card by its size, without its numbers', () => {
  const model = createModel('mnist', { widthMultiplier: 0.1 });
  const { metadata } = model;
  const mean = encodeMeanImage(new Float32Array(28 * 28), { height: 28, width: 28 });
  const centred: Model = {
    ...model,
    metadata: { ...metadata, preprocessing: { ...metadata.preprocessing, mean } },
  };
  const card = formatModelCard({
    model: centred,
    about: {},
    written: { file: 'model.onnx', bytes: 1, sha256: '00', files: [] },
    report: {
      rows: [],
      evaluation: { count: 1, loss: 1, top1: 1, top5: 1, classes: [], confusion: [] },
    },
    data: 'photos',
  });
  expect(card).toContain(
    '"mean": {\n    "height": 28,\n    "width": 28,\n    "float32": "… (in the file)"\n  }',
  );
  expect(card).not.toContain(mean.float32);
});
