// ONNX files to mutate, small so that most of their bytes are structure: ours over presets and options, and what other
// programs wrote (tests/golden/imports).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createModel, PRESET_IDS } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import { writeOnnxFile } from '@alexnet/export/node';

/** The smallest network of a preset. */
const smallest = (preset) => createModel(preset, { widthMultiplier: 0.004, classes: 2, seed: 1 });

const OPTIONS = [
  { output: 'both', features: ['conv5'] },
  { lrn: 'conv' },
  { weights: 'int8' },
  { weights: 'float16' },
  { batch: 3, opset: 13 },
  { output: 'probabilities', opset: 26 },
];

/** Ours, with all weights inside. */
export const ownSeeds = () => [
  ...PRESET_IDS.map((preset) => ({
    name: `${preset}.onnx`,
    bytes: exportOnnx(smallest(preset)),
  })),
  ...OPTIONS.map((options) => ({
    name: `mini ${JSON.stringify(options)}`,
    bytes: exportOnnx(smallest('mini'), options),
  })),
];

/** Ours, with weights in files: the model, and what lies beside it. */
export async function shardedSeeds() {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-fuzz-'));
  const read = (name) => new Uint8Array(readFileSync(join(folder, name)));
  const forms = [{}, { shardSizeBytes: 4000 }, { weights: 'int8' }, { weights: 'float16' }];
  const seeds = [];
  for (const [index, form] of forms.entries()) {
    const name = `model-${index}.onnx`;
    const { files } = await writeOnnxFile(join(folder, name), smallest('mini'), {
      externalData: true,
      ...form,
    });
    const beside = new Map(files.map((file) => [file.name, read(file.name)]));
    seeds.push({ name, bytes: read(name), beside });
  }
  rmSync(folder, { recursive: true });
  return seeds;
}

/** Of PyTorch, TensorFlow and the Model Zoo's converters: those of less than 40 kB, with the files beside them. */
export const foreignSeeds = () =>
  ['torch', 'tensorflow', 'onnx'].flatMap((writer) => {
    const path = new URL(`../../tests/golden/imports/${writer}.json.gz`, import.meta.url);
    const { cases } = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8'));
    const decode = (text) => new Uint8Array(Buffer.from(text, 'base64'));
    return cases
      .map(({ name, model, files }) => ({
        name,
        bytes: decode(model),
        beside: new Map(Object.entries(files).map(([file, text]) => [file, decode(text)])),
      }))
      .filter(({ bytes }) => bytes.length < 40_000);
  });

/** ONNX's own light models: their weights are constants that a node fills in, 244 MB of 4 kB. */
export const lightSeeds = () =>
  ['light_bvlc_alexnet.onnx', 'light_squeezenet.onnx'].map((name) => {
    const path = new URL(`../../tests/golden/imports/light/${name}`, import.meta.url);
    return { name, bytes: new Uint8Array(readFileSync(path)) };
  });
