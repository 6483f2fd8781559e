// `pnpm bench small-forms --model FILE.onnx [--calibrate DATA] [--data DATA] [--python PATH] [--rounds N] [--threads N]`
//
// The small and the quick forms of a model beside float32: size, agreement on pictures, time; with --python (onnx and
// onnxruntime installed) onnxruntime's own quantiser too, calibrated on the same pictures. Without data, pictures of
// noise: time alone. All forms take turns in each round; time is the median, and the quickest in brackets.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@alexnet/core';
import { preprocess } from '@alexnet/data';
import { openDataset } from '@alexnet/data/node';
import {
  CALIBRATION_METHODS,
  createRangeCollector,
  exportOnnx,
  listRangedValues,
  readOnnxMetadata,
} from '@alexnet/export';
import { readOnnxFile } from '@alexnet/export/node';
import { openSession } from '@alexnet/runtime-node';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    calibrate: { type: 'string' },
    data: { type: 'string' },
    python: { type: 'string' },
    rounds: { type: 'string', default: '31' },
    threads: { type: 'string' },
  },
});
if (!values.model) throw new Error('--model FILE.onnx is missing.');

const CALIBRATED = 128;
const STEP = 8;
const model = await readOnnxFile(values.model);
const shape = model.graph.input.shape;
const size = shape.reduce((product, length) => product * length, 1);
const classes = model.metadata.labels.length;

/** Prepared pictures, spread over a data set; noise without one. */
async function readPictures(path, most) {
  if (!path) {
    const noise = new Float32Array(most * size);
    createRandom(1).fillNormal(noise);
    return { count: most, images: noise, labels: null };
  }
  const { training, test } = await openDataset(path);
  const dataset = test ?? training;
  const count = Math.min(most, dataset.length);
  const images = new Float32Array(count * size);
  const labels = [];
  for (let i = 0; i < count; i++) {
    const index = Math.floor((i * dataset.length) / count);
    const picture = await dataset.readPicture(index);
    preprocess(picture, model.metadata.preprocessing, images, i * size);
    labels.push(dataset.labelOf(index));
  }
  return { count, images, labels };
}

const open = (bytes) =>
  openSession(bytes, {
    name: 'the model',
    device: 'cpu',
    ...(values.threads ? { threads: Number(values.threads) } : {}),
    precision: readOnnxMetadata(bytes).precision,
  });

async function logitsOf(session, { count, images }) {
  const logits = new Float32Array(count * classes);
  for (let first = 0; first < count; first += STEP) {
    const rows = Math.min(STEP, count - first);
    const input = images.subarray(first * size, (first + rows) * size);
    const output = session.info.output.name;
    logits.set((await session.run(input, rows)).get(output).data, first * classes);
  }
  return logits;
}

async function measureRanges({ count, images }) {
  const names = listRangedValues(model);
  const features = names.filter((name) => name !== 'image');
  const session = await open(exportOnnx(model, { features }));
  const collectors = new Map(CALIBRATION_METHODS.map((name) => [name, createRangeCollector(name)]));
  for (let first = 0; first < count; first += STEP) {
    const rows = Math.min(STEP, count - first);
    const input = images.subarray(first * size, (first + rows) * size);
    const outputs = await session.run(input, rows, features);
    for (const collector of collectors.values()) {
      collector.add('image', input);
      for (const [name, { data }] of outputs) collector.add(name, data);
    }
  }
  await session.dispose();
  return new Map(Array.from(collectors, ([name, collector]) => [name, collector.finish()]));
}

async function quantizeElsewhere(images, count) {
  const folder = await mkdtemp(join(tmpdir(), 'alexnet-bench-'));
  const [source, pictures, target] = ['in.onnx', 'in.bin', 'out.onnx'].map((f) => join(folder, f));
  await writeFile(source, exportOnnx(model));
  await writeFile(pictures, new Uint8Array(images.buffer));
  const script = fileURLToPath(new URL('quantize_static.py', import.meta.url));
  const args = [script, source, pictures, String(count), target];
  const { status } = spawnSync(values.python, args, { stdio: ['ignore', 'inherit', 'ignore'] });
  if (status !== 0) throw new Error(`${values.python} quantize_static.py failed.`);
  const bytes = await readFile(target);
  await rm(folder, { recursive: true });
  return bytes;
}

const calibration = await readPictures(values.calibrate, CALIBRATED);
const ranges = await measureRanges(calibration);
const forms = new Map([
  ['float32', exportOnnx(model)],
  ['--weights float16', exportOnnx(model, { weights: 'float16' })],
  ['--weights int8', exportOnnx(model, { weights: 'int8' })],
  ...Array.from(ranges, ([method, found]) => [
    `--dtype int8, ${method}`,
    exportOnnx(model, { dtype: 'int8', ranges: found }),
  ]),
]);
if (values.python) {
  forms.set(
    "onnxruntime's quantiser",
    await quantizeElsewhere(calibration.images, calibration.count),
  );
}

const sessions = new Map();
for (const [name, bytes] of forms) sessions.set(name, await open(bytes));
const times = new Map();
for (const batch of [1, 32]) {
  const input = calibration.images.subarray(0, batch * size);
  const rounds = batch === 1 ? Number(values.rounds) : Math.ceil(Number(values.rounds) / 3);
  for (const name of forms.keys()) times.set(`${name} ${batch}`, []);
  for (let round = -2; round < rounds; round++) {
    for (const [name, session] of sessions) {
      const began = performance.now();
      await session.run(input, batch);
      if (round >= 0) times.get(`${name} ${batch}`).push(performance.now() - began);
    }
  }
}

const test = await readPictures(values.data, values.data ? 1000 : 0);
const largestOf = (row) => row.indexOf(Math.max(...row));
const rowsOf = (logits) =>
  Array.from({ length: test.count }, (_, i) => logits.subarray(i * classes, (i + 1) * classes));
const truth = rowsOf(await logitsOf(sessions.get('float32'), test));
const peak = Math.max(...truth.map((row) => Math.max(...row.map(Math.abs))));
const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];

console.log('| form | bytes | same top-1 | top-1 | largest error | batch 1 | batch 32 |');
console.log('|---|---|---|---|---|---|---|');
for (const [name, bytes] of forms) {
  const rows = rowsOf(await logitsOf(sessions.get(name), test));
  const same = rows.filter((row, i) => largestOf(row) === largestOf(truth[i])).length;
  const right = rows.filter((row, i) => largestOf(row) === test.labels?.[i]).length;
  const errors = rows.map((row, i) => Math.max(...row.map((v, j) => Math.abs(v - truth[i][j]))));
  const share = (count) => `${((100 * count) / test.count).toFixed(1)} %`;
  const speeds = [1, 32].map((batch) => {
    const own = times.get(`${name} ${batch}`);
    const base = times.get(`float32 ${batch}`);
    const [typical, best] = [median(own), Math.min(...own)];
    const ratios = [median(base) / typical, Math.min(...base) / best].map((x) => x.toFixed(2));
    return `${typical.toFixed(1)} ms (${best.toFixed(1)}): ${ratios[0]} (${ratios[1]}) ×`;
  });
  const agreement = values.data
    ? [share(same), share(right), `${((100 * Math.max(...errors)) / peak).toFixed(1)} %`]
    : ['', '', ''];
  console.log(`| ${[name, bytes.length, ...agreement, ...speeds].join(' | ')} |`);
}
for (const session of sessions.values()) await session.dispose();
