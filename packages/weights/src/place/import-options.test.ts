import { describe, expect, test } from 'vitest';
import { importWeights } from './import-weights.ts';
import {
  change,
  expectSame,
  fileOf,
  modelOf,
  numpyDict,
  pytorch,
  refusal,
  zeros,
} from './test-weight-files.ts';

describe('takes from the caller', () => {
  const model = modelOf('caffe-alexnet');
  const file = fileOf(model, numpyDict);

  test('the order of the inputs of fc6', () => {
    const { model: found, report } = importWeights(
      fileOf(model, { ...numpyDict, convention: { ...numpyDict.convention, flatten: 'CHW' } }),
      { fc6Order: 'CHW' },
    );
    expectSame(found, model);
    expect(report.conventions.join()).not.toContain('--fc6-order');
    expect(report.decisions.join()).toContain('come in the order CHW, as you said');
    const headless = importWeights(file, { fc6Order: 'CHW', skip: ['fc6'] }).report;
    expect(headless.decisions.join()).toContain('changes nothing');
    expect(importWeights(file).report.conventions.join()).toContain('come in the order HWC');
  });

  test('the order of the channels: the preprocessing turns, the weights stay', () => {
    const usual = importWeights(file).model;
    const turned = importWeights(file, { channelOrder: 'RGB' }).model;
    expect(usual.metadata.preprocessing).toMatchObject({
      channels: 'BGR',
      mean: [103.939, 116.779, 123.68],
      crop: null,
    });
    expect(turned.metadata.preprocessing).toMatchObject({
      channels: 'RGB',
      mean: [123.68, 116.779, 103.939],
    });
    expect(turned.weights.get('conv1.weight')?.data).toEqual(
      usual.weights.get('conv1.weight')?.data,
    );
  });

  test('alpha of the LRN, for each element', () => {
    const { model: found, report } = importWeights(file, { lrnAlpha: 1e-4 });
    const alphas = found.graph.nodes.flatMap((node) =>
      node.op === 'LRN' ? [node.attributes.alpha] : [],
    );
    expect([alphas, report.preset]).toEqual([[1e-4, 1e-4], null]);
    expect(importWeights(file, { lrnAlpha: 2e-5 }).report.preset).toBe('caffe-alexnet');
    expect(
      refusal(() => importWeights(fileOf(modelOf('torchvision'), pytorch), { lrnAlpha: 1e-4 })),
    ).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'torchvision has no LRN, so that its alpha cannot be 0.0001.',
    });
  });

  test('labels, and refuses as many as do not fit', () => {
    const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    expect(importWeights(file, { labels }).model.metadata.labels).toBe(labels);
    expect(refusal(() => importWeights(file, { labels: ['a'] })).message).toContain(
      '7 classes, but 1 labels',
    );
  });

  test('that a layer is left out, and other classes', () => {
    const { model: found, report } = importWeights(file, { skip: ['fc8'], classes: 3 });
    expect(report.classes).toBe(3);
    expect(found.weights.get('fc8.weight')?.shape[0]).toBe(3);
    expect(found.weights.get('fc8.weight')?.data.some((value) => value !== 0)).toBe(true);
    expect(found.weights.get('fc7.weight')?.data).toEqual(model.weights.get('fc7.weight')?.data);
    expect(report.skipped[0]).toMatch(
      /^fc8 starts anew \(he, seed 0\) as 3×\d+, in place of the file's "fc8"\.$/,
    );
    expect(
      report.placed.filter(({ tensor }) => tensor === null).map(({ parameter }) => parameter),
    ).toEqual(['fc8.weight', 'fc8.bias']);
    const kept = importWeights(file, { skip: ['fc8'] });
    expect(kept.report.classes).toBe(7);
  });

  test("that a layer is left out by the file's name, or one that the file has not", () => {
    const torch = fileOf(modelOf('torchvision'), pytorch);
    expect(importWeights(torch, { skip: ['classifier.6'], classes: 2 }).report.classes).toBe(2);
    const headless = change(torch, (entry) => (entry[0].startsWith('classifier.6') ? [] : [entry]));
    expect(refusal(() => importWeights(headless)).message).toContain('nothing for fc8');
    const { report } = importWeights(headless, { skip: ['fc8'], classes: 4 });
    expect([report.preset, report.classes]).toEqual(['torchvision', 4]);
    expect(report.skipped.join()).toContain('which the file does not have');
    const bodyOnly = change(torch, (entry) => (entry[0].startsWith('classifier') ? [] : [entry]));
    expect(importWeights(bodyOnly, { skip: ['fc*'], classes: 4 }).report.classes).toBe(4);
  });

  test('what it must say when it wants other classes', () => {
    expect(refusal(() => importWeights(file, { classes: 3 }))).toEqual({
      code: 'INVALID_ARGUMENT',
      message: 'The file has 7 classes in fc8, but 3 are asked for.',
      hint: 'Leave its head out, which then starts anew: --skip fc8 --classes 3',
    });
    expect(refusal(() => importWeights(file, { skip: ['fc9'] }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'No layer is called "fc9".',
    });
  });

  test('layers of the file that the network has no place for', () => {
    const extra = {
      ...file,
      tensors: new Map([...file.tensors, ...zeros({ 'aux/weights': [7, 3] }).tensors]),
    };
    expect(refusal(() => importWeights(extra)).message).toContain('"aux"');
    const { report } = importWeights(extra, { skip: ['aux'] });
    expect(report.preset).toBe('caffe-alexnet');
    expect(report.skipped.join()).toContain('"aux", which the network has no place for');
  });
});
