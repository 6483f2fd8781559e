import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createModel } from '@alexnet/core';
import { exportOnnx } from '@alexnet/export';
import { writeOnnxFile } from '@alexnet/export/node';
import { loadModel, type PictureSource, type RawPicture } from '@alexnet/runtime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const LABELS = Array.from({ length: 7 }, (_, index) => `kind ${index}`);
const mini = createModel('mini', { labels: LABELS, seed: 11 });
const bytes = Uint8Array.from(exportOnnx(mini));
const jpeg = new URL('golden/pictures/encoded/progressive.jpg', import.meta.url);

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-worker-'));
  path = join(folder, 'mini.onnx');
  await writeOnnxFile(path, mini);
});
afterAll(() => rm(folder, { recursive: true }));

function makePicture(width: number, height: number, seed = 0): RawPicture {
  const pixels = Uint8Array.from(
    { length: width * height * 3 },
    (_, index) => ((index + seed) * 2654435761) >>> 24,
  );
  return { width, height, channels: 3, pixels };
}

const isError = (code: string, message: RegExp) =>
  expect.objectContaining({ name: 'AlexNetError', code, message: expect.stringMatching(message) });

describe('a model in a thread of its own', () => {
  test('answers as one in this thread does, to every kind of picture', async () => {
    const file = await readFile(jpeg);
    const sources: PictureSource[] = [
      jpeg,
      jpeg.href,
      file,
      new Uint8Array(file),
      new Blob([file]),
      new File([file], 'progressive.jpg'),
      makePicture(90, 70),
      makePicture(31, 300),
    ];
    await using direct = await loadModel(path, { device: 'cpu' });
    await using worker = await loadModel(path, { device: 'cpu', worker: true });
    expect(worker.info).toEqual(direct.info);
    const options = { batchSize: 3, topK: 2 };
    expect(await worker.logits(sources, options)).toEqual(await direct.logits(sources, options));
    expect(await worker.classifyBatch(sources, options)).toEqual(
      await direct.classifyBatch(sources, options),
    );
    expect(await worker.classify(jpeg, { crops: 10 })).toEqual(
      await direct.classify(jpeg, { crops: 10 }),
    );
    expect(await worker.features('logits', sources)).toEqual(
      await direct.features('logits', sources),
    );
  });

  test('is loaded from every kind of source; bytes stay the caller’s', async () => {
    const picture = makePicture(60, 60);
    await using direct = await loadModel(bytes);
    const expected = await direct.logits([picture]);
    for (const source of [path, pathToFileURL(path), bytes, new Blob([bytes])]) {
      await using worker = await loadModel(source, { worker: true, threads: 1 });
      expect(await worker.logits([picture])).toEqual(expected);
    }
    expect(bytes.length).toBeGreaterThan(0);
  });

  test('answers many calls at a time, each with its own', async () => {
    await using worker = await loadModel(path, { worker: true });
    const pictures = Array.from({ length: 24 }, (_, index) => makePicture(40, 40, index));
    const all = await worker.logits(pictures);
    const each = await Promise.all(pictures.map((picture) => worker.logits([picture])));
    expect(new Set(all.map((row) => row[0])).size).toBe(24);
    each.forEach(([row], index) => {
      // Batches of another size may round otherwise.
      for (const [c, value] of (row ?? []).entries())
        expect(value).toBeCloseTo(all[index]?.[c] ?? 0, 4);
    });
  });

  test('tells its errors as in this thread', async () => {
    const missing = join(folder, 'missing.onnx');
    await expect(loadModel(missing, { worker: true })).rejects.toThrow(
      isError('NOT_FOUND', /There is no file .*missing\.onnx/),
    );
    await expect(loadModel(path, { worker: true, device: 'cuda' })).rejects.toThrow(
      isError('DEVICE_UNAVAILABLE', /"cuda" is not available/),
    );
    const broken = join(folder, 'broken.jpg');
    await writeFile(broken, 'no picture');
    await using worker = await loadModel(path, { worker: true });
    await expect(worker.classifyBatch([jpeg, broken])).rejects.toThrow(
      isError('INVALID_PICTURE', /^Picture 1 \(counted from 0\): .*broken\.jpg/),
    );
    expect(await worker.classify(jpeg)).toHaveLength(5);
  });

  test('ends calls and its own loading at a signal', async () => {
    const aborted = AbortSignal.abort('not at all');
    await expect(loadModel(path, { worker: true, signal: aborted })).rejects.toBe('not at all');
    const controller = new AbortController();
    const loading = loadModel(path, { worker: true, signal: controller.signal });
    const late = expect(loading).rejects.toBe('too slow');
    await setTimeout(1);
    controller.abort('too slow');
    await late;

    await using worker = await loadModel(path, { worker: true });
    const stop = new AbortController();
    const pictures = Array.from({ length: 400 }, () => makePicture(64, 64));
    let done = 0;
    const call = worker.logits(pictures, {
      batchSize: 2,
      signal: stop.signal,
      onResults: (results) => {
        done += results.length;
        stop.abort('enough');
      },
    });
    await expect(call).rejects.toBe('enough');
    expect(await worker.classify(jpeg)).toHaveLength(5);
    expect(done).toBeLessThan(100);
  });

  test('that dies fails its calls with a clear error, and dispose still ends', async () => {
    const file = join(folder, 'dying-worker.mjs');
    await writeFile(
      file,
      `import { parentPort } from 'node:worker_threads';
       parentPort.on('message', ({ kind }) => {
         if (kind === 'load') parentPort.postMessage({ kind: 'loaded', info: { labels: [] } });
         if (kind === 'call') process.exit(7);
       });`,
    );
    const worker = await loadModel(path, { worker: file });
    const calls = [worker.classify(jpeg), worker.logits([jpeg])];
    for (const call of calls) {
      await expect(call).rejects.toThrow(
        isError('INTERNAL', /The thread that holds the model ended: exit code 7\./),
      );
    }
    await expect(worker.classify(jpeg)).rejects.toThrow(isError('INTERNAL', /ended/));
    await worker.dispose();
    const throwing = join(folder, 'throwing-worker.mjs');
    await writeFile(throwing, `throw new Error('out of order');`);
    await expect(loadModel(path, { worker: throwing })).rejects.toThrow(
      isError('INTERNAL', /ended: out of order/),
    );
  });
});

describe('the thread of a server, while a network of full width runs batches of 32', () => {
  const pictures = Array.from({ length: 32 }, (_, index) => makePicture(341, 256, index));

  /**
   * The longest that this thread did not come back to its timers while the work ran, in milliseconds. What it
   * waited for a processor is left out where the system tells: that is the other work on the machine.
   */
  async function measureStall(work: () => Promise<unknown>): Promise<number> {
    let worst = 0;
    let ticks = 0;
    let last = { ms: performance.now(), waitedMs: readWaitedMs() };
    const timer = setInterval(() => {
      const now = { ms: performance.now(), waitedMs: readWaitedMs() };
      worst = Math.max(worst, now.ms - last.ms - (now.waitedMs - last.waitedMs));
      last = now;
      ticks++;
    }, 1);
    await work();
    // A timer that is late is counted when it comes.
    await setTimeout(10);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
    return worst;
  }

  /** How long this thread was ready and no processor was free, since it began; 0 where nobody knows. */
  function readWaitedMs(): number {
    if (!existsSync('/proc/thread-self/schedstat')) return 0;
    const [, waitedNs] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
    return Number(waitedNs) / 1e6;
  }

  test('never stalls for 20 ms with the model in a worker, and does without', async () => {
    const full = join(folder, 'torchvision.onnx');
    await writeOnnxFile(full, createModel('torchvision', { seed: 1 }));
    /** The best of a few batches: a run on this thread stalls each of them, a busy machine does not. */
    const measure = async (worker: boolean): Promise<number> => {
      await using model = await loadModel(full, { device: 'cpu', worker });
      await model.classifyBatch(pictures);
      let best = Number.POSITIVE_INFINITY;
      for (let attempt = 0; attempt < 5 && best >= 20; attempt++) {
        best = Math.min(best, await measureStall(() => model.classifyBatch(pictures)));
      }
      return best;
    };
    expect(await measure(true)).toBeLessThan(20);
    expect(await measure(false)).toBeGreaterThan(50);
  }, 120_000);
});
