import { AlexNetError } from '@alexnet/core';
import type { Picture } from '@alexnet/data';
import { describe, expect, test } from 'vitest';
import { type Classifier, type ClassifierOptions, createClassifier } from './classifier.ts';
import type { Session } from './session.ts';

/** A picture of one grey value; the fake model answers with [value, 2 · value, 3]. */
type Source = number | { readonly value: number; readonly side: number };

interface Fake {
  readonly classifier: Classifier<Source>;
  /** Batch sizes of the runs, in their order. */
  readonly runs: number[];
  /** What happened, in order: `decode 5`, `run 2`, `dispose`. */
  readonly events: string[];
  readonly mostAtATime: () => number;
}

interface FakeOptions extends Partial<Pick<ClassifierOptions<Source>, 'outputKind'>> {
  readonly output?: string;
  readonly batch?: number | string;
  readonly answer?: (value: number) => readonly number[];
  readonly decode?: (value: number) => Promise<void>;
}

function createFake({
  output = 'logits',
  batch = 'N',
  answer,
  decode,
  ...rest
}: FakeOptions = {}): Fake {
  const runs: number[] = [];
  const events: string[] = [];
  let running = 0;
  let most = 0;
  const session: Session = {
    info: {
      device: 'cpu',
      deviceReason: 'asked for by name',
      runtime: 'fake',
      version: '1',
      input: { name: 'image', shape: [batch, 1, 1, 1] },
      output: { name: output, shape: [batch, 3] },
      outputs: [],
    },
    async run(input, batchSize) {
      expect(input.length).toBe(batchSize);
      runs.push(batchSize);
      events.push(`run ${batchSize}`);
      running++;
      most = Math.max(most, running);
      await pause();
      running--;
      return Float32Array.from([...input].flatMap(answer ?? ((x) => [x, 2 * x, 3])));
    },
    async dispose() {
      events.push('dispose');
    },
  };
  const classifier = createClassifier<Source>({
    session,
    metadata: {
      preset: null,
      labels: ['low', 'high', 'three'],
      preprocessing: {
        resize: { mode: 'none' },
        crop: null,
        channels: 'grey',
        scale: 1,
        mean: [0],
        std: [1],
      },
      provenance: null,
    },
    decode: async (source) => {
      const { value, side } = typeof source === 'number' ? { value: source, side: 1 } : source;
      await decode?.(value);
      events.push(`decode ${value}`);
      return createPicture(value, side);
    },
    ...rest,
  });
  return { classifier, runs, events, mostAtATime: () => most };
}

function createPicture(value: number, side: number): Picture {
  return {
    width: side,
    height: side,
    channels: 1,
    pixels: new Uint8Array(side * side).fill(value),
  };
}

/** Lets everything that is ready go first. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
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

  test('gives topK classes; the default is clipped to the number of classes', async () => {
    const { classifier } = createFake();
    expect(await classifier.classify(9, { topK: 1 })).toHaveLength(1);
    expect(await classifier.classify(9)).toHaveLength(3);
  });

  test.each([0, 4, 1.5, Number.NaN, -1])('refuses topK %d', async (topK) => {
    const { classifier, events } = createFake();
    await expect(classifier.classify(1, { topK })).rejects.toThrow(
      isError('INVALID_ARGUMENT', /topK is .* has 3 classes/),
    );
    expect(events).toEqual([]);
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
