import type { ModelMetadata, Preprocessing } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import {
  countOutputClasses,
  inferPictureShape,
  type MetadataOverrides,
  remainingPreprocessing,
  resolveMetadata,
} from './metadata.ts';

const PREPROCESSING: Preprocessing = {
  resize: { mode: 'short-side', size: 8, filter: 'bilinear', antialias: true },
  crop: { height: 6, width: 7 },
  channels: 'RGB',
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};
const FILE: ModelMetadata = {
  preset: 'mini',
  labels: ['cat', 'dog'],
  preprocessing: PREPROCESSING,
  provenance: { origin: 'trained', seed: 1 },
};
const INPUT = { name: 'image', shape: ['N', 3, 6, 7] };
const OUTPUT = { name: 'logits', shape: ['N', 2] };

function resolve(
  file: Partial<ModelMetadata>,
  overrides: MetadataOverrides = {},
  input: { name: string; shape: (number | string)[] } = INPUT,
) {
  const facts = { metadata: file, embedded: null };
  return resolveMetadata(facts, { name: 'pets.onnx', input, output: OUTPUT, overrides });
}

function fails(code: string, message: RegExp, hint: RegExp = /./) {
  return expect.objectContaining({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
}

test('takes everything from the file', () => {
  expect(resolve(FILE)).toEqual(FILE);
});

test('what the caller says is stronger', () => {
  const preprocessing = { ...PREPROCESSING, channels: 'BGR' } as const;
  const metadata = resolve(FILE, { labels: ['Katze', 'Hund'], preprocessing });
  expect(metadata.labels).toEqual(['Katze', 'Hund']);
  expect(metadata.preprocessing.channels).toBe('BGR');
  expect(metadata.preset).toBe('mini');
});

test('a file that resizes itself is given framed pictures all the same', () => {
  const bytes = { channels: 'RGB', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const left: Preprocessing = { resize: { mode: 'none' }, crop: null, ...bytes };
  const { resize, crop } = PREPROCESSING;
  const facts = { metadata: { ...FILE, preprocessing: left }, embedded: PREPROCESSING };
  expect(remainingPreprocessing(facts)).toEqual({ resize, crop, ...bytes });
  const { preprocessing } = resolveMetadata(facts, { name: 'x', input: INPUT, output: OUTPUT });
  expect(preprocessing).toEqual({ resize, crop, ...bytes });
});

test("a model of others needs the caller's words, and then works", () => {
  const { labels, preprocessing } = FILE;
  expect(resolve({}, { labels, preprocessing })).toEqual({
    preset: null,
    labels,
    preprocessing,
    provenance: null,
  });
});

describe('what is missing is named', () => {
  const { labels, preprocessing } = FILE;
  test.each([
    [
      'both',
      {},
      /pets\.onnx does not say its labels and preprocessing/,
      /labels: .*preprocessing: /,
    ],
    ['labels', { preprocessing }, /does not say its labels:/, /\{ labels: \['cat', 'dog'\] \}/],
    ['preprocessing', { labels }, /does not say its preprocessing:/, /\{ preprocessing: /],
  ] as const)('%s', (_, file, message, hint) => {
    expect(() => resolve(file)).toThrow(fails('INVALID_MODEL', message, hint));
  });
});

describe('what does not fit is said with both numbers', () => {
  test('labels of the caller', () => {
    const call = () => resolve(FILE, { labels: ['cat', 'dog', 'eel'] });
    expect(call).toThrow(fails('INVALID_ARGUMENT', /has 2 classes, but 3 labels were given/));
  });

  test('labels of the file', () => {
    const call = () => resolve({ ...FILE, labels: ['cat'] });
    expect(call).toThrow(fails('INVALID_MODEL', /has 2 classes, but 1 labels in its metadata/));
  });

  test('channels', () => {
    const grey = { ...PREPROCESSING, channels: 'grey', mean: [0], std: [1] } as const;
    const call = () => resolve(FILE, { preprocessing: grey });
    expect(call).toThrow(
      fails(
        'SHAPE_MISMATCH',
        /takes pictures of \[3, 6, 7\], but its preprocessing makes \[1, 6, 7\]/,
        /"channels": RGB, BGR or grey/,
      ),
    );
  });

  test('crop', () => {
    const call = () => resolve(FILE, {}, { name: 'image', shape: ['N', 3, 227, 227] });
    expect(call).toThrow(
      fails(
        'SHAPE_MISMATCH',
        /takes pictures of \[3, 227, 227\], .*makes \[3, 6, 7\]/,
        /height: 227, width: 227/,
      ),
    );
  });

  test('exact sides without a crop', () => {
    const resize = {
      mode: 'exact',
      height: 9,
      width: 7,
      filter: 'bilinear',
      antialias: true,
    } as const;
    const call = () => resolve(FILE, { preprocessing: { ...PREPROCESSING, resize, crop: null } });
    expect(call).toThrow(fails('SHAPE_MISMATCH', /pictures of \[3, 6, 7\], .*makes \[3, 9, 7\]/));
  });

  test('a short side that no side of the input has', () => {
    const resize = { mode: 'short-side', size: 8, filter: 'bilinear', antialias: true } as const;
    const call = () => resolve(FILE, { preprocessing: { ...PREPROCESSING, resize, crop: null } });
    expect(call).toThrow(fails('SHAPE_MISMATCH', /pictures of \[3, 6, 7\], .*makes \[3, 8, 9\]/));
  });
});

test('checks preprocessing that comes without types', () => {
  const preprocessing = { ...PREPROCESSING, mean: [0.5] };
  const call = () => resolve(FILE, { preprocessing });
  expect(call).toThrow(fails('INVALID_ARGUMENT', /mean/));
});

test.each([
  [['N', 3, 6]],
  [['N', 6, 7, 3]],
  [['N', 4, 6, 7]],
  [['N', 3, 'height', 'width']],
  [[1, 3, 0, 7]],
  [[0, 3, 6, 7]],
])('an input %j is not one of pictures', (shape) => {
  const call = () => inferPictureShape({ name: 'x', shape }, 'pets.onnx');
  expect(call).toThrow(
    fails('INVALID_MODEL', /"x" of pets\.onnx is \[.*\[N, 1 or 3, height, width\]/),
  );
});

test('reads the number of classes off the output, whatever the rank says', () => {
  const count = (...shape: (number | string)[]) => countOutputClasses({ name: 'y', shape }, 'm');
  expect(count('N', 10)).toBe(10);
  expect(count('N', 1000, 1, 1)).toBe(1000);
  expect(count('N', 'classes')).toBeNull();
  expect(count()).toBeNull();
  expect(() => count('N', 10, 6, 6)).toThrow(fails('INVALID_MODEL', /\[N, 10, 6, 6\]/));
  expect(() => count(10)).toThrow(fails('INVALID_MODEL', /\[10\]/));
});
