// Programs that take turns: each answers a line on its standard input with the milliseconds of what it did.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** The first turns pay for memory that later ones reuse. */
const WARM_UP = 2;
/** After a turn, threads that wait spin for a while (up to 200 ms in OpenMP runtimes): not in another one's turn. */
const PAUSE_MS = 300;

/** Starts a program that says that it is ready in its first line: `ready` and its version. */
export async function startSide(name, command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`${name} ended before it answered`);
    return value;
  };
  const version = (await next()).replace(/^ready /, '');
  const ask = async (line) => {
    child.stdin.write(`${line}\n`);
    return Number(await next());
  };
  return { name, version, durationsMs: [], ask };
}

/** Each round has one turn of every side, and a pause after each. */
export async function takeTurns(sides, rounds) {
  for (let round = 0; round < WARM_UP + rounds; round++) {
    for (const side of sides) {
      const ms = await side.ask('turn');
      if (round >= WARM_UP) side.durationsMs.push(ms);
      await sleep(PAUSE_MS);
    }
  }
}

/** Ends a side, which answers with its peak memory in MiB. */
export async function endSide({ name, version, durationsMs, ask }) {
  return {
    name,
    version,
    medianMs: Math.round(median(durationsMs)),
    fastestMs: Math.round(Math.min(...durationsMs)),
    slowestMs: Math.round(Math.max(...durationsMs)),
    peakMemoryMiB: Math.round(await ask('end')),
  };
}

/** The median of the rounds' own ratios: a machine that is slower for a while is so for both. */
export function ratioByRound(ours, theirs) {
  return round(median(ours.durationsMs.map((ms, i) => ms / theirs.durationsMs[i])), 3);
}

/** The side whose median is the lowest. */
export function fastestOf(sides) {
  return sides.reduce((a, b) => (median(a.durationsMs) <= median(b.durationsMs) ? a : b));
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export function round(value, digits) {
  return Number(value.toFixed(digits));
}
