// `logits` against onnxruntime alone on the same model and the same pictures, taking turns.
// Usage: pnpm bench inference [--pictures TAR] [--rounds 40] [--threads 1]
// Processor time does not count what a busy machine makes them wait; with one thread nothing spins either.
// Ours takes decoded pictures and prepares them; onnxruntime alone is given the prepared input.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createModel } from '@alexnet/core';
import { preprocess } from '@alexnet/data';
import { decodePicture } from '@alexnet/data/node';
import { writeOnnxFile } from '@alexnet/export/node';
import { loadModel } from '@alexnet/runtime-node';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { median, unpackPhotographs } from './photographs.mjs';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    pictures: {
      type: 'string',
      default: new URL('../../../shared/data/imagenet-sample-1000-short256.tar', import.meta.url)
        .pathname,
    },
    rounds: { type: 'string', default: '40' },
    threads: { type: 'string' },
    preset: { type: 'string', default: 'torchvision' },
  },
});
/** Waiting threads spin for a while; they are not to disturb the other side. */
const PAUSE_MS = 20;

const folder = mkdtempSync(join(tmpdir(), 'alexnet-inference-'));
const photographs = unpackPhotographs(values.pictures);
try {
  const file = join(folder, 'model.onnx');
  const model = createModel(values.preset, { seed: 1 });
  await writeOnnxFile(file, model);
  const pictures = await Promise.all(
    photographs.paths.slice(0, 32).map((path) => decodePicture(path)),
  );
  const { preprocessing } = model.metadata;
  const shape = model.graph.input.shape;
  const size = shape.reduce((a, b) => a * b);
  const prepared = new Float32Array(pictures.length * size);
  for (const [index, picture] of pictures.entries()) {
    preprocess(picture, preprocessing, prepared, index * size);
  }
  const threads = values.threads === undefined ? undefined : Number(values.threads);
  const classifier = await loadModel(file, { device: 'cpu', ...(threads ? { threads } : {}) });
  const bare = await InferenceSession.create(file, {
    executionProviders: ['cpu'],
    ...(threads ? { intraOpNumThreads: threads } : {}),
  });

  for (const batch of [1, 32]) {
    const own = pictures.slice(0, batch);
    const input = new Tensor('float32', prepared.subarray(0, batch * size), [batch, ...shape]);
    const sides = {
      ours: () => classifier.logits(own),
      bare: () => bare.run({ image: input }, ['logits']),
    };
    const times = { ours: [], bare: [] };
    const cpu = { ours: [], bare: [] };
    const rounds = Number(values.rounds) * (batch === 1 ? 5 : 1);
    for (let round = -2; round < rounds; round++) {
      const order = round % 2 === 0 ? ['ours', 'bare'] : ['bare', 'ours'];
      for (const side of order) {
        const started = performance.now();
        const used = process.cpuUsage();
        await sides[side]();
        const { user, system } = process.cpuUsage(used);
        if (round >= 0) {
          times[side].push(performance.now() - started);
          cpu[side].push((user + system) / 1000);
        }
        await sleep(PAUSE_MS);
      }
    }
    const ratios = times.ours.map((ms, index) => ms / times.bare[index]);
    const rows = await classifier.logits(own);
    const { data } = (await bare.run({ image: input }, ['logits'])).logits;
    const classes = data.length / batch;
    const isSame = rows.every((row, i) => row.every((value, c) => value === data[i * classes + c]));
    console.log(
      JSON.stringify({
        batch,
        rounds,
        oursMs: Number(median(times.ours).toFixed(2)),
        bareMs: Number(median(times.bare).toFixed(2)),
        ratioOfMedians: Number((median(times.ours) / median(times.bare)).toFixed(3)),
        medianOfRatios: Number(median(ratios).toFixed(3)),
        ratioOfFastest: Number((Math.min(...times.ours) / Math.min(...times.bare)).toFixed(3)),
        oursCpuMs: Number(median(cpu.ours).toFixed(2)),
        bareCpuMs: Number(median(cpu.bare).toFixed(2)),
        ratioOfCpu: Number((median(cpu.ours) / median(cpu.bare)).toFixed(3)),
        sameBits: isSame,
      }),
    );
  }
  await classifier.dispose();
  await bare.release();
} finally {
  photographs.remove();
  rmSync(folder, { recursive: true });
}
