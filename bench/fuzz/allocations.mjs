// How much memory code asks for: the global constructors of typed arrays and buffers are replaced by ones that count.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const NAMES = [
  ...['ArrayBuffer', 'Uint8Array', 'Int8Array', 'Uint16Array', 'Int16Array', 'Uint32Array'],
  ...['Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'],
];

const CASES_A_COLLECTION = 100;

/**
 * Must come before what is to be watched is loaded.
 *
 * What is asked for is added up. Only where the sum passes a limit is garbage collected, and what is left counted: the
 * peak is exact where it matters, and an upper bound below the limit.
 */
export function watchAllocations() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const usedBytes = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const state = { live: 0, limit: Number.POSITIVE_INFINITY, peak: 0, durationMs: 0 };
  /** What is in use beside the case, without garbage and with it. */
  const base = { clean: 0, dirty: 0 };
  let started = 0;

  const settle = (needed) => {
    const begin = process.cpuUsage();
    // Twice: buffers that the first one finds are given back by the second.
    collect();
    collect();
    state.live = Math.max(0, usedBytes() - base.clean) + needed;
    state.peak = Math.max(state.peak, state.live);
    const { user, system } = process.cpuUsage(begin);
    state.durationMs += (user + system) / 1000;
  };
  const sizeOf = (original, args) => {
    const [first] = args;
    if (typeof first === 'number') return first * (original.BYTES_PER_ELEMENT ?? 1);
    // A view of a buffer allocates nothing.
    if (typeof first !== 'object' || first === null || first instanceof ArrayBuffer) return 0;
    return (first.length ?? 0) * (original.BYTES_PER_ELEMENT ?? 1);
  };
  for (const name of NAMES) {
    const original = globalThis[name];
    const counting = new Proxy(original, {
      construct(target, args, newTarget) {
        const needed = sizeOf(original, args);
        if (state.live + needed > state.limit) settle(needed);
        else state.live += needed;
        state.peak = Math.max(state.peak, Math.min(state.live, state.limit));
        return Reflect.construct(target, args, newTarget === counting ? target : newTarget);
      },
    });
    globalThis[name] = counting;
  }
  return {
    /** @param limit - from where on it is measured rather than added up */
    start(limit) {
      // Now and then, as it takes milliseconds; what is kept between two cases hardly changes.
      if (started % CASES_A_COLLECTION === 0) {
        collect();
        collect();
        base.clean = usedBytes();
      }
      started += 1;
      base.dirty = usedBytes();
      Object.assign(state, { live: 0, limit, peak: 0, durationMs: 0 });
    },
    /** Time that the measuring itself took. */
    durationMs() {
      return state.durationMs;
    },
    /** Bytes at the worst moment, the objects that are left included. */
    finish() {
      const grown = usedBytes() - base.dirty;
      if (grown > state.limit) settle(0);
      return Math.max(state.peak, Math.min(state.limit, grown));
    },
  };
}
