import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModel, type Model, PRESET_IDS } from '@alexnet/core';
import { type ExportOptions, exportOnnx, importOnnx, listRangedValues } from '@alexnet/export';
import { readOnnxFile, type WriteOnnxOptions, writeOnnxFile } from '@alexnet/export/node';
import { describe, expect, test } from 'vitest';

// preset → ONNX → graph and weights → ONNX: the same bytes, in every form that a file can have.

/** Weights whose halves and bytes are exact a second time: those of a file in that form. */
const OPTIONS: Readonly<Record<string, (model: Model) => ExportOptions>> = {
  'as it is': () => ({}),
  probabilities: () => ({ output: 'probabilities' }),
  'both outputs, and a layer': () => ({ output: 'both', features: ['conv1'] }),
  'LRN as convolutions': () => ({ lrn: 'conv' }),
  'a fixed batch': () => ({ batch: 3 }),
  'the oldest operators': () => ({ opset: 13 }),
  'the newest operators': () => ({ opset: 26 }),
  'weights in halves': () => ({ weights: 'float16' }),
  'weights in bytes': () => ({ weights: 'int8' }),
  'computing in halves': () => ({ dtype: 'float16' }),
  'computing in halves, from end to end': () => ({ dtype: 'float16', io: 'float16' }),
  'computing in integers': (model) => ({
    dtype: 'int8',
    ranges: new Map(listRangedValues(model).map((name) => [name, { min: -2, max: 3 }])),
  }),
  'pictures as bytes': () => ({ embed: 'preprocessing' }),
  'pictures of any size': () => ({ embed: 'resize' }),
  'what viewers show': () => ({
    about: { name: 'A network', author: 'Somebody', license: 'MIT', version: 3 },
  }),
};

const models = PRESET_IDS.map((preset) =>
  createModel(preset, { widthMultiplier: 0.02, classes: 3, seed: 2 }),
);
const mini = createModel('mini', { widthMultiplier: 0.02, classes: 3, seed: 2 });

describe.each(Object.entries(OPTIONS))('%s', (_form, makeOptions) => {
  test.each(models)('$metadata.preset', (model) => {
    const options = makeOptions(model);
    const bytes = exportOnnx(model, options);
    const back = importOnnx(bytes);
    expect(back.metadata).toEqual(model.metadata);
    expect(Buffer.compare(exportOnnx(back, options), bytes)).toBe(0);
  });
});

test.each<[string, WriteOnnxOptions]>([
  ['in float32', {}],
  ['cut between rows', { shardSizeBytes: 20_000 }],
  ['in halves', { weights: 'float16' }],
  ['in bytes, cut between rows', { weights: 'int8', shardSizeBytes: 8000 }],
])('weights beside the model, %s', async (_form, form) => {
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-round-trip-'));
  try {
    const file = join(folder, 'model.onnx');
    const options = { externalData: true, ...form };
    const first = await writeOnnxFile(file, mini, options);
    expect(first.files.length).toBeGreaterThan(0);
    expect(await writeOnnxFile(file, await readOnnxFile(file), options)).toEqual(first);
  } finally {
    await rm(folder, { recursive: true });
  }
});
