import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createModel } from '@alexnet/core';
import { writeOnnxFile } from '@alexnet/export/node';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Memory stays flat over many pictures in calls of mixed sizes. `pnpm bench inference-soak` does it with 10,000.

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-memory-'));
  await writeOnnxFile(
    join(folder, 'mini.onnx'),
    createModel('mini', { classes: 5, widthMultiplier: 0.1 }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

test('what is held after 100 pictures is what is held after 600', {
  timeout: 120_000,
}, async () => {
  const script = join(folder, 'run.mjs');
  await writeFile(
    script,
    `import { readFileSync } from 'node:fs';
     import { loadModel } from ${JSON.stringify(import.meta.resolve('@alexnet/runtime-node'))};
     const model = await loadModel('mini.onnx', { device: 'cpu', threads: 1, features: ['pool5'] });
     const file = readFileSync(new URL(${JSON.stringify(new URL('golden/pictures/encoded/progressive.jpg', import.meta.url).href)}));
     const sizes = [1, 9, 3, 17, 32, 2];
     let call = 0;
     const refuses = (code, answer) => answer.then(
       () => { throw new Error('not refused with ' + code); },
       (error) => { if (error.name !== code && error.code !== code) throw error; });
     async function classify(count) {
       for (let done = 0; done < count; call++) {
         const size = sizes[call % sizes.length];
         const pictures = Array.from({ length: size }, (_, i) =>
           i % 3 ? { width: 90, height: 70 + i, channels: 3, pixels: new Uint8Array(90 * (70 + i) * 3) } : file);
         await model.classifyBatch(pictures, { batchSize: sizes[(call + 2) % sizes.length] });
         await refuses('AbortError', model.classify(file, { signal: AbortSignal.abort() }));
         await model.features('pool5', pictures.slice(0, 2));
         await refuses('INVALID_PICTURE', model.classify({ width: 3, height: 70, channels: 3, pixels: new Uint8Array(90 * 70 * 3) }));
         done += size;
       }
       gc();
       await new Promise((resolve) => setTimeout(resolve, 50));
       gc();
       const { heapUsed, external } = process.memoryUsage();
       return heapUsed + external;
     }
     const early = await classify(100);
     const late = await classify(500);
     process.stdout.write(JSON.stringify({ early, late }));`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script], {
    cwd: folder,
  });
  const { early, late } = JSON.parse(stdout);
  // One input that is kept is 618 kB, one decoded picture 19 kB: 500 of either are far more.
  expect(late - early).toBeLessThan(4e6);
});
