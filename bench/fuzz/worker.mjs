// Runs the cases of one format: a thread of its own, so that one that hangs can be ended.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { watchAllocations } from './allocations.mjs';
import { mutate as mutateBytes } from './mutate.mjs';

const GOLDEN = new URL('../../tests/golden/', import.meta.url);

const { format, table, cases, seed, first, clock, limits } = workerData;
const allocations = watchAllocations();
const { createRandom, isAlexNetError } = await import('@alexnet/core');
const { FORMATS } = await import(table);
const { seeds: listed, read, inner = false, mutate = mutateBytes } = FORMATS[format];

const readGolden = (path) => ({
  name: basename(path),
  bytes: new Uint8Array(readFileSync(new URL(path, GOLDEN))),
});
const seeds = typeof listed === 'function' ? await listed() : listed.map(readGolden);
// Whole files first: what is loaded for them is not measured.
for (const { name, bytes } of seeds) await attempt(bytes, name);

for (let index = first; index < cases; index += 1) {
  // Each case has a generator of its own: any one can be run again alone.
  const { name, bytes } = mutate(seeds, createRandom(seed).split(`case ${index}`), inner);
  clock[0] = index;
  clock[1] = performance.now();
  const found = await attempt(bytes, name);
  clock[1] = 0;
  parentPort.postMessage({ index, name, sizeBytes: bytes.length, ...found });
}

/** Reads a file and all that it promises. */
async function attempt(bytes, name) {
  let outcome = 'read';
  let detail;
  allocations.start(limits.ratio * bytes.length + limits.freeArrayBytes);
  const begin = now();
  try {
    const file = await read(bytes, name);
    for (const tensor of file?.tensors?.values() ?? []) tensor.toFloat32();
  } catch (error) {
    outcome = isAlexNetError(error) ? error.code : 'CRASH';
    if (outcome === 'CRASH' || outcome === 'INTERNAL') detail = String(error?.stack ?? error);
  }
  const durationMs = Math.max(0, now() - begin - allocations.durationMs());
  return { outcome, detail, durationMs, ...allocations.finish(limits.heapBytes) };
}

/** Time of the processor, not of the clock: what else a machine has to do is no fault of the reader. */
function now() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
