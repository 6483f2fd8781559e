// Ten thousand photographs in a row, in batches of mixed sizes: memory has to stay where it is.
// Usage: pnpm bench inference-soak [--count 10000] [--preset torchvision] [--worker] [--pictures TAR]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createModel } from '@alexnet/core';
import { writeOnnxFile } from '@alexnet/export/node';
import { loadModel } from '@alexnet/runtime-node';
import { median, unpackPhotographs } from './photographs.mjs';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    count: { type: 'string', default: '10000' },
    preset: { type: 'string', default: 'torchvision' },
    worker: { type: 'boolean', default: false },
    pictures: {
      type: 'string',
      default: new URL('../../../shared/data/imagenet-sample-1000-short256.tar', import.meta.url)
        .pathname,
    },
  },
});
/** Pictures in a call, and inputs in a run; they take turns, so that buffers of all sizes come and go. */
const SIZES = [1, 32, 7, 100, 3, 64, 16, 250];
const BATCHES = [32, 1, 8, 20];

/** Resident memory in MiB. */
function residentMiB() {
  const [, kilobytes] = /VmRSS:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

const folder = mkdtempSync(join(tmpdir(), 'alexnet-soak-'));
const photographs = unpackPhotographs(values.pictures);
try {
  const file = join(folder, 'model.onnx');
  await writeOnnxFile(file, createModel(values.preset, { seed: 1 }));
  const model = await loadModel(file, { device: 'cpu', worker: values.worker });
  const total = Number(values.count);
  const samples = [];
  const started = performance.now();
  let [done, call] = [0, 0];
  while (done < total) {
    const size = Math.min(SIZES[call % SIZES.length], total - done);
    const sources = Array.from(
      { length: size },
      (_, index) => photographs.paths[(done + index) % photographs.paths.length],
    );
    // Half of the pictures come as bytes, as from an upload.
    const pictures = sources.map((path, index) => (index % 2 ? readFileSync(path) : path));
    await model.classifyBatch(pictures, { batchSize: BATCHES[call % BATCHES.length] });
    done += size;
    call += 1;
    samples.push({ done, mib: residentMiB() });
  }
  const seconds = (performance.now() - started) / 1000;
  await model.dispose();
  const part = (from, to) =>
    samples.filter((sample) => sample.done > from * total && sample.done <= to * total);
  const level = (list) => Math.round(median(list.map(({ mib }) => mib)));
  const [early, late] = [level(part(0.1, 0.4)), level(part(0.7, 1))];
  console.log(
    JSON.stringify({
      preset: values.preset,
      worker: values.worker,
      pictures: total,
      calls: call,
      picturesPerSecond: Number((total / seconds).toFixed(1)),
      medianMiB: { from10to40Percent: early, from70to100Percent: late },
      peakMiB: Math.round(Math.max(...samples.map(({ mib }) => mib))),
      growthMiB: late - early,
    }),
  );
  // A leak of one picture a picture would be 2 GB; of one small object, more than this.
  process.exitCode = late - early > 16 ? 1 : 0;
} finally {
  photographs.remove();
  rmSync(folder, { recursive: true });
}
