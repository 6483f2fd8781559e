// `pnpm bench fuzz [--format NAME] [--cases N] [--seed N] [--case INDEX] [--json]`: mutates real files and reads them.
//
// Fails where an error is none of ours, where a case takes more than a second of the processor, or where reading holds
// arrays of more than four times the file and a mebibyte, or makes the heap grow by more than four mebibytes.
// `--table FILE` takes the formats from elsewhere.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

const MAX_DURATION_MS = 1000;
const MAX_ARRAY_RATIO = 4;
/** Arrays of a size that the file's does not change: unpacking's tables, and what one step of it yields too much. Only beyond are arrays told from garbage. */
const FREE_ARRAY_BYTES = 1024 * 1024;
/** Objects, errors with their stacks, compiled code. */
const MAX_HEAP_BYTES = 4 * 1024 * 1024;
/** A thread that shows no sign of life for so long is ended. */
const HANG_MS = 10_000;
/** Cases from one sign of progress to the next. */
const PROGRESS_CASES = 10_000;
/** Failures that are printed. */
const MAX_SHOWN = 5;

const { values } = parseArgs({
  options: {
    format: { type: 'string' },
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
    table: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const table = values.table
  ? pathToFileURL(resolve(values.table)).href
  : new URL('formats.mjs', import.meta.url).href;
const { FORMATS } = await import(table);
const names = values.format ? [values.format] : Object.keys(FORMATS);
const unknown = names.find((name) => !(name in FORMATS));
if (unknown !== undefined || names.length === 0) {
  console.error(`error: Which format? One of: ${Object.keys(FORMATS).join(', ')}.`);
  process.exit(2);
}
const only = values.case === undefined ? undefined : Number(values.case);
const seed = Number(values.seed);
const cases = only === undefined ? Number(values.cases) : only + 1;
if (![seed, cases].every(Number.isSafeInteger)) {
  console.error('error: --cases, --seed and --case take whole numbers.');
  process.exit(2);
}

const reports = [];
for (const format of names) reports.push(await fuzz(format));
if (values.json) console.log(JSON.stringify({ seed, reports }));
else console.log(reports.map(describe).join('\n\n'));
process.exitCode = reports.every(({ passed }) => passed) ? 0 : 1;

/** All cases of a format; a case that hangs is noted, and the rest goes on in another thread. */
async function fuzz(format) {
  const report = {
    format,
    cases: 0,
    outcomes: {},
    slowest: { durationMs: 0 },
    hungriest: { arrayBytes: 0, sizeBytes: 0 },
    heapBytes: 0,
    failures: 0,
    shown: [],
    passed: false,
  };
  let first = only ?? 0;
  while (first < cases) first = await runFrom(first, format, report);
  // A fuzzer that never refuses anything has read nothing.
  const refused = report.cases - (report.outcomes.read ?? 0);
  report.passed = report.failures === 0 && report.cases > 0 && (refused > 0 || only !== undefined);
  return report;
}

/** @returns the case to go on with */
function runFrom(first, format, report) {
  // The case that is being read, and since when; shared, because a thread that hangs answers nothing.
  const clock = new Float64Array(new SharedArrayBuffer(16));
  const worker = new Worker(new URL('worker.mjs', import.meta.url), {
    workerData: {
      ...{ format, table, cases, seed, first, clock },
      limits: {
        ratio: MAX_ARRAY_RATIO,
        freeArrayBytes: FREE_ARRAY_BYTES,
        heapBytes: MAX_HEAP_BYTES,
      },
    },
  });
  return new Promise((done, fail) => {
    let next = first;
    let seen = -1;
    let still = 0;
    const watch = setInterval(() => {
      still = clock[1] !== 0 && clock[1] === seen ? still + 500 : 0;
      seen = clock[1];
      if (still < HANG_MS) return;
      note(report, { index: clock[0], outcome: 'HANG', durationMs: still, sizeBytes: 1 });
      next = clock[0] + 1;
      worker.terminate();
    }, 500);
    worker.on('message', (found) => {
      next = found.index + 1;
      note(report, found);
    });
    worker.on('error', fail);
    worker.on('exit', () => {
      clearInterval(watch);
      done(next);
    });
  });
}

function note(report, found) {
  const { index, outcome, durationMs, sizeBytes, arrayBytes = 0, heapBytes = 0 } = found;
  report.cases += 1;
  if (report.cases % PROGRESS_CASES === 0) console.error(`${report.format}: ${report.cases} …`);
  report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
  if (durationMs > report.slowest.durationMs) report.slowest = { index, durationMs };
  if (excessOf(found) > excessOf(report.hungriest)) {
    report.hungriest = { index, arrayBytes, sizeBytes };
  }
  report.heapBytes = Math.max(report.heapBytes, heapBytes);
  const isSlow = durationMs > MAX_DURATION_MS;
  const isHungry = excessOf(found) > FREE_ARRAY_BYTES || heapBytes > MAX_HEAP_BYTES;
  const isCrash = ['CRASH', 'INTERNAL', 'HANG'].includes(outcome);
  if (!isSlow && !isHungry && !isCrash) return;
  report.failures += 1;
  if (report.shown.length < MAX_SHOWN) report.shown.push({ ...found, isSlow, isHungry });
}

/** Bytes of arrays beyond what the file's size allows. */
function excessOf({ arrayBytes = 0, sizeBytes }) {
  return Math.max(0, arrayBytes - MAX_ARRAY_RATIO * sizeBytes);
}

function describe(report) {
  const { format, cases: count, outcomes, slowest, hungriest, heapBytes, failures, shown } = report;
  const counts = Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, number]) => `${outcome} ${number}`);
  return [
    `${format}: ${count} cases, seed ${seed}: ${counts.join(', ')}`,
    `  slowest ${slowest.durationMs.toFixed(1)} ms (case ${slowest.index})`,
    hungriest.index === undefined
      ? '  arrays never of more than 4 times the file'
      : `  arrays of ${hungriest.arrayBytes} bytes for a file of ${hungriest.sizeBytes} (case ${hungriest.index})`,
    `  heap grown by ${heapBytes} bytes at most`,
    failures === 0 ? '  passed' : `  ${failures} FAILED`,
    ...shown.map((found) => `  case ${found.index}: ${JSON.stringify(found)}`),
  ].join('\n');
}
