// `pnpm bench onnx-files [--preset P] [--rounds N] [--folder DIR]`: writing and reading an ONNX file, beside copying it.
//
// Each round has one turn of everything. Both sides of a comparison flush to the disk, or neither. Memory is the growth
// of the process beyond what it holds when the turn begins (Linux).
import { readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createModel } from '@alexnet/core';
import { readOnnxFile, readOnnxFileMetadata, writeOnnxFile } from '@alexnet/export/node';

const { values } = parseArgs({
  options: {
    preset: { type: 'string', default: 'torchvision' },
    rounds: { type: 'string', default: '11' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const folder = await mkdtemp(join(values.folder, 'alexnet-bench-'));
const model = createModel(values.preset, { seed: 1 });
const path = (name) => join(folder, name);

const copyFlushed = async (from, to) => {
  await copyFile(from, to);
  const handle = await open(to, 'r');
  await handle.sync();
  await handle.close();
};

/** What takes turns. A file is written anew each time, never over another one. */
const TURNS = {
  'copy, flushed': () => copyFlushed(path('source.onnx'), path('new/copy.onnx')),
  writeOnnxFile: () => writeOnnxFile(path('new/one.onnx'), model),
  'writeOnnxFile, 20 MiB shards': () =>
    writeOnnxFile(path('new/parts.onnx'), model, { externalData: true }),
  readFile: () => readFile(path('source.onnx')),
  readOnnxFile: () => readOnnxFile(path('source.onnx')),
  'readOnnxFile, 20 MiB shards': () => readOnnxFile(path('shards.onnx')),
  readOnnxFileMetadata: () => readOnnxFileMetadata(path('source.onnx')),
};

const status = (key) =>
  Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) *
  1024;
const bytesRead = () => Number(/rchar:\s+(\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
/** From here on the peak is counted anew. */
const resetPeak = () => writeFileSync('/proc/self/clear_refs', '5');

const { bytes } = await writeOnnxFile(path('source.onnx'), model);
await writeOnnxFile(path('shards.onnx'), model, { externalData: true });
const results = new Map(Object.keys(TURNS).map((name) => [name, { ms: [], memory: [], read: [] }]));
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const [name, turn] of Object.entries(TURNS)) {
    const result = results.get(name);
    await rm(path('new'), { recursive: true, force: true });
    await mkdir(path('new'));
    globalThis.gc?.();
    resetPeak();
    const [held, readBefore, begin] = [status('VmRSS'), bytesRead(), performance.now()];
    await turn();
    result.ms.push(performance.now() - begin);
    result.memory.push(status('VmHWM') - held);
    result.read.push(bytesRead() - readBefore);
  }
}
await rm(folder, { recursive: true });

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const base = {
  write: median(results.get('copy, flushed').ms),
  read: median(results.get('readFile').ms),
};
console.log(`${values.preset}, ${bytes} bytes, median of ${values.rounds} rounds`);
for (const [name, { ms, memory, read }] of results) {
  const time = median(ms);
  const ratio = time / (name.includes('read') ? base.read : base.write);
  console.log(
    `${name.padEnd(30)} ${time.toFixed(0).padStart(6)} ms  ${ratio.toFixed(2)} ×  memory +${(median(memory) / 2 ** 20).toFixed(0)} MiB  read ${median(read)}`,
  );
}
