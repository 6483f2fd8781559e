import { AlexNetError } from '@alexnet/core';
import type { Picture } from '@alexnet/data';
import { describe, expect, test } from 'vitest';
import { createClassifier } from './create-classifier.ts';
import { createFake, pause, range } from './test-classifier.ts';

const isError = (code: string, message = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('one picture', () => {
  test('comes back as classes with probabilities, best first', async () => {
    const { classifier } = createFake();
    // Logits 1, 2, 3: e⁻² : e⁻¹ : 1.
    const predictions = await classifier.classify(1);
    const sum = Math.exp(-2) + Math.exp(-1) + 1;
    expect(predictions.map(({ index, label }) => [index, label])).toEqual([
      [2, 'three'],
      [1, 'high'],
      [0, 'low'],
    ]);
    expect(predictions[0]?.probability).toBeCloseTo(1 / sum, 15);
    expect(predictions[2]?.probability).toBeCloseTo(Math.exp(-2) / sum, 15);
  });

  test('gives topK classes; all of them where there are fewer', async () => {
    const { classifier } = createFake();
    expect(await classifier.classify(9, { topK: 1 })).toHaveLength(1);
    expect(await classifier.classify(9)).toHaveLength(3);
    expect(await classifier.classify(9, { topK: 4 })).toHaveLength(3);
  });

  test.each([0, 1.5, Number.NaN, -1])('refuses topK %d', async (topK) => {
    const { classifier, events } = createFake();
    await expect(classifier.classify(1, { topK })).rejects.toThrow(
      isError('INVALID_ARGUMENT', /topK is /),
    );
    expect(events).toEqual([]);
  });

  test('refuses an output kind that there is not', () => {
    // As a program in JavaScript may misspell it.
    expect(() => createFake({ outputKind: JSON.parse('"probability"') })).toThrow(
      isError('INVALID_ARGUMENT', /outputKind is probability/),
    );
  });

  test('gives raw logits', async () => {
    const { classifier } = createFake();
    expect(await classifier.logits([5, 7])).toEqual([
      Float32Array.of(5, 10, 3),
      Float32Array.of(7, 14, 3),
    ]);
  });
});

describe('a model that gives probabilities', () => {
  const answer = () => [0.125, 0.25, 0.625];

  test.each([
    ['by the name of its output', { output: 'probabilities' }],
    ['as the caller says', { output: 'prob_1', outputKind: 'probabilities' }],
  ] as const)('is taken at its word, %s', async (_, options) => {
    const { classifier } = createFake({ ...options, answer });
    expect(classifier.info.outputKind).toBe('probabilities');
    expect(await classifier.classify(0, { topK: 2 })).toEqual([
      { index: 2, label: 'three', probability: 0.625 },
      { index: 1, label: 'high', probability: 0.25 },
    ]);
    await expect(classifier.logits([0])).rejects.toThrow(isError('UNSUPPORTED'));
  });
});

describe('many pictures', () => {
  test('come back in their order, in chunks', async () => {
    const { classifier, runs } = createFake();
    const rows = await classifier.logits(range(70));
    expect(rows.map((row) => row[0])).toEqual(range(70));
    expect(runs).toEqual([32, 32, 6]);
  });

  test('whatever order decoding ends in', async () => {
    const { classifier } = createFake({
      decode: async (value) => {
        for (let i = 0; i < 5 - (value % 5); i++) await Promise.resolve();
      },
    });
    const rows = await classifier.logits(range(20), { batchSize: 8 });
    expect(rows.map((row) => row[0])).toEqual(range(20));
  });

  test('the next chunk is decoded while one runs', async () => {
    const { classifier, events } = createFake();
    await classifier.classifyBatch(range(4), { batchSize: 2 });
    expect(events.indexOf('decode 2')).toBeLessThan(events.lastIndexOf('run 2'));
    const { classifier: other, events: order } = createFake({ decode: pause });
    await other.classifyBatch(range(6), { batchSize: 2 });
    // Two chunks in memory: the third waits until the first is through.
    expect(order.indexOf('decode 4')).toBeGreaterThan(order.indexOf('run 2'));
  });

  test('none gives none, without a run', async () => {
    const { classifier, runs } = createFake();
    expect(await classifier.classifyBatch([])).toEqual([]);
    expect(runs).toEqual([]);
  });

  test.each([0, -1, 2.5])('refuses batchSize %d', async (batchSize) => {
    const { classifier } = createFake();
    await expect(classifier.classifyBatch([1], { batchSize })).rejects.toThrow(
      isError('INVALID_ARGUMENT', /batchSize/),
    );
  });

  test('a model of fixed batch gets full batches, the last one filled up with zeros', async () => {
    const { classifier, runs } = createFake({ batch: 4 });
    const rows = await classifier.logits(range(6));
    expect(rows.map((row) => row[0])).toEqual(range(6));
    expect(runs).toEqual([4, 4]);
  });
});

test('calls that overlap run one after another and get their own answers', async () => {
  const { classifier, mostAtATime } = createFake({ decode: pause });
  const answers = await Promise.all(
    range(9).map((value) => classifier.logits([value, value + 100])),
  );
  expect(answers.map((rows) => rows.map((row) => row[0]))).toEqual(
    range(9).map((value) => [value, value + 100]),
  );
  expect(mostAtATime()).toBe(1);
});

describe('features', () => {
  test('come one tensor for each picture, without the batch axis', async () => {
    const { classifier, runs } = createFake();
    expect(classifier.info.layers).toEqual(['logits', 'pair', 'sum']);
    const tensors = await classifier.features('pair', range(3), { batchSize: 2 });
    expect(tensors).toEqual(
      range(3).map((value) => ({ shape: [2, 1], data: Float32Array.of(value, -value) })),
    );
    expect(runs).toEqual([2, 1]);
  });

  test('of a model of fixed batch leave out what fills it up', async () => {
    const { classifier, runs } = createFake({ batch: 4 });
    const tensors = await classifier.features('pair', range(6));
    expect(tensors.map(({ data }) => data[0])).toEqual(range(6));
    expect(runs).toEqual([4, 4]);
  });

  test('refuses a layer that there is not, with the legal ones', async () => {
    const { classifier, events } = createFake();
    await expect(classifier.features('pairs', [1])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'The model was not loaded with the layer "pairs".',
      hint: expect.stringMatching(/logits, pair, sum.*features: \['pairs'\]/),
    });
    expect(events).toEqual([]);
  });

  test('refuses a layer without a row for each picture', async () => {
    const { classifier } = createFake();
    await expect(classifier.features('sum', [1, 2])).rejects.toThrow(
      isError('UNSUPPORTED', /"sum" is \[1\] for 2 inputs/),
    );
  });
});

describe('ten crops', () => {
  /** A model that gives the one pixel of its input, and softmax of [pixel, 0]. */
  function createCropped(batch: number | string = 'N') {
    const { session, runs } = createFake({ batch, answer: (x) => [x, 0, 0] });
    const picture: Picture = {
      width: 4,
      height: 3,
      channels: 1,
      pixels: Uint8Array.of(1, 0, 0, 2, 0, 9, 7, 0, 3, 0, 0, 4),
    };
    const classifier = createClassifier<Picture>({
      session,
      metadata: {
        preset: null,
        labels: ['a', 'b', 'c'],
        preprocessing: {
          resize: { mode: 'none' },
          crop: { width: 1, height: 1 },
          channels: 'grey',
          scale: 1,
          mean: [0],
          std: [1],
        },
        provenance: null,
      },
      decode: async (source) => source,
    });
    return { classifier, picture, runs };
  }
  // Corners 1 2 3 4; the middle of four is at round-half-to-even(3 / 2) = 2: 7, and 9 in the mirror image.
  const crops = [1, 2, 3, 4, 7, 2, 1, 4, 3, 9];

  test('average logits', async () => {
    const { classifier, picture, runs } = createCropped();
    const [row] = await classifier.logits([picture], { crops: 10 });
    expect(row).toEqual(Float32Array.of(crops.reduce((a, b) => a + b) / 10, 0, 0));
    expect(runs).toEqual([10]);
  });

  test('average probabilities, not logits, when classifying', async () => {
    const { classifier, picture } = createCropped();
    const [best] = await classifier.classify(picture, { crops: 10 });
    const expected = crops.reduce((sum, x) => sum + Math.exp(x) / (Math.exp(x) + 2), 0) / 10;
    expect(best?.label).toBe('a');
    expect(best?.probability).toBeCloseTo(expected, 14);
  });

  test('keep to the batch size, and to a batch that the model fixes', async () => {
    const free = createCropped();
    await free.classifier.logits([free.picture, free.picture, free.picture], {
      crops: 10,
      batchSize: 25,
    });
    expect(free.runs).toEqual([20, 10]);
    const fixed = createCropped(4);
    const rows = await fixed.classifier.logits([fixed.picture, fixed.picture], { crops: 10 });
    expect(rows.map((row) => row[0])).toEqual([Math.fround(3.6), Math.fround(3.6)]);
    expect(fixed.runs).toEqual([4, 4, 4, 4, 4, 4]);
  });

  test('are one or ten', async () => {
    const { classifier } = createFake();
    const call = Reflect.apply(classifier.classify, classifier, [1, { crops: 5 }]);
    await expect(call).rejects.toThrow(isError('INVALID_ARGUMENT', /crops is 5/));
  });
});

describe('a signal', () => {
  test('ends a call with its reason, with nothing but the run under way behind it', async () => {
    const { classifier, events } = createFake({ decode: pause });
    const controller = new AbortController();
    const reason = new Error('the user left');
    const call = classifier.classifyBatch(range(40), {
      batchSize: 2,
      signal: controller.signal,
      onResults: () => controller.abort(reason),
    });
    await expect(call).rejects.toBe(reason);
    for (let i = 0; i < 20; i++) await pause();
    expect(events.filter((event) => event.startsWith('run')).length).toBeLessThanOrEqual(2);
    expect(events.filter((event) => event.startsWith('decode')).length).toBeLessThanOrEqual(6);
    expect(await classifier.classify(1)).toHaveLength(3);
  });

  test('that has fired already starts nothing', async () => {
    const { classifier, events } = createFake();
    const signal = AbortSignal.abort('too late');
    await expect(classifier.classify(1, { signal })).rejects.toBe('too late');
    await expect(classifier.features('pair', [1], { signal })).rejects.toBe('too late');
    expect(events).toEqual([]);
  });

  test('frees the caller at once; dispose waits for what was begun', async () => {
    let finish: () => void = () => {};
    const { classifier, events } = createFake({
      decode: () => new Promise((resolve) => (finish = resolve)),
    });
    const controller = new AbortController();
    const call = classifier.classify(1, { signal: controller.signal });
    await pause();
    controller.abort('enough');
    await expect(call).rejects.toBe('enough');
    const disposal = classifier.dispose();
    await pause();
    expect(events).toEqual([]);
    finish();
    await disposal;
    expect(events).toEqual(['decode 1', 'dispose']);
  });
});

test('results are told after each run, in order', async () => {
  const { classifier } = createFake();
  const told: [number, number[]][] = [];
  const rows = await classifier.logits(range(5), {
    batchSize: 2,
    onResults: (results, first) => told.push([first, results.map((row) => row[0] ?? -1)]),
  });
  expect(told).toEqual([
    [0, [0, 1]],
    [2, [2, 3]],
    [4, [4]],
  ]);
  expect(rows).toHaveLength(5);
});

describe('what goes wrong', () => {
  const broken = async (value: number): Promise<void> => {
    if (value === 5)
      throw new AlexNetError('INVALID_PICTURE', { message: 'five.jpg is cut short.' });
  };

  test('a picture alone keeps its error', async () => {
    const { classifier } = createFake({ decode: broken });
    await expect(classifier.classify(5)).rejects.toThrow(
      isError('INVALID_PICTURE', /^five\.jpg is cut short\.$/),
    );
  });

  test('one of many is told by its place, and nothing runs on after it', async () => {
    const { classifier, events } = createFake({ decode: broken });
    const call = classifier.classifyBatch(range(20), { batchSize: 4 });
    await expect(call).rejects.toThrow(
      isError('INVALID_PICTURE', /^Picture 5 \(counted from 0\): five\.jpg/),
    );
    const before = [...events];
    await pause();
    await pause();
    expect(events).toEqual(before);
    expect(await classifier.classify(1)).toHaveLength(3);
  });

  test('a picture of a size that the model does not take', async () => {
    const { classifier } = createFake();
    await expect(classifier.classify({ value: 1, side: 2 })).rejects.toThrow(
      isError(
        'SHAPE_MISMATCH',
        /2 × 2 becomes an input of \[1, 2, 2\], but the model takes \[1, 1, 1\]/,
      ),
    );
  });

  test('a model that gives NaN, or another number of classes', async () => {
    const nan = createFake({ answer: (x) => [x, x === 2 ? Number.NaN : 0, 0] }).classifier;
    await expect(nan.logits([1, 2])).rejects.toThrow(
      isError('NUMERIC', /NaN for class 1 of picture 1/),
    );
    const wide = createFake({ answer: (x) => [x, x, x, x] }).classifier;
    await expect(wide.logits([1, 2])).rejects.toThrow(
      isError('SHAPE_MISMATCH', /4 values per picture, but there are 3 labels/),
    );
  });

  test('a text where a list belongs', async () => {
    const { classifier } = createFake();
    const call = Reflect.apply(classifier.classifyBatch, classifier, ['photo.jpg']);
    await expect(call).rejects.toThrow(isError('INVALID_ARGUMENT', /as a list, not as string/));
  });
});

describe('dispose', () => {
  test('waits for the calls under way, happens once, and ends the use', async () => {
    const { classifier, events } = createFake({ decode: pause });
    const call = classifier.classify(1);
    await Promise.all([
      classifier.dispose(),
      classifier.dispose(),
      classifier[Symbol.asyncDispose](),
    ]);
    expect(await call).toHaveLength(3);
    expect(events).toEqual(['decode 1', 'run 1', 'dispose']);
    await expect(classifier.classify(1)).rejects.toThrow(isError('INVALID_ARGUMENT', /disposed/));
  });

  test('waits for what a failed call had begun', async () => {
    const { classifier, events } = createFake({
      decode: async (value) => {
        if (value === 0) throw new AlexNetError('INVALID_PICTURE', { message: 'no' });
        await pause();
      },
    });
    const call = classifier.classifyBatch([0, 1], { batchSize: 1 });
    const failed = expect(call).rejects.toThrow('no');
    await classifier.dispose();
    await failed;
    expect(events.at(-1)).toBe('dispose');
  });
});
