// How much memory code holds: the global constructors of typed arrays and buffers are replaced by ones that count, and
// what is left on the heap is looked at in the end.
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
 * Arrays are added up as they are asked for. Only where the sum passes a limit is garbage collected, and what is held
 * counted: the peak is exact where it matters, and an upper bound below the limit.
 */
export function watchAllocations() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  // Twice: buffers that the first one finds are given back by the second.
  const collectAll = () => {
    collect();
    collect();
  };
  const arrays = { held: 0, limit: Number.POSITIVE_INFINITY, peak: 0 };
  /** What is in use beside the case; of the heap without garbage and with it. */
  const base = { arrays: 0, heap: 0, dirtyHeap: 0 };
  let durationMs = 0;
  let started = 0;

  const timed = (measure) => {
    const begin = process.cpuUsage();
    measure();
    const { user, system } = process.cpuUsage(begin);
    durationMs += (user + system) / 1000;
  };
  const settle = (needed) =>
    timed(() => {
      collectAll();
      arrays.held = Math.max(0, process.memoryUsage().arrayBuffers - base.arrays) + needed;
      arrays.peak = Math.max(arrays.peak, arrays.held);
    });
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
        if (arrays.held + needed > arrays.limit) settle(needed);
        else arrays.held += needed;
        arrays.peak = Math.max(arrays.peak, Math.min(arrays.held, arrays.limit));
        return Reflect.construct(target, args, newTarget === counting ? target : newTarget);
      },
    });
    globalThis[name] = counting;
  }
  return {
    /** @param limit - bytes of arrays from where on they are measured rather than added up */
    start(limit) {
      // Now and then, as it takes milliseconds; what is kept between two cases hardly changes.
      if (started % CASES_A_COLLECTION === 0) {
        collectAll();
        const { arrayBuffers, heapUsed } = process.memoryUsage();
        Object.assign(base, { arrays: arrayBuffers, heap: heapUsed });
      }
      started += 1;
      base.dirtyHeap = process.memoryUsage().heapUsed;
      Object.assign(arrays, { held: 0, limit, peak: 0 });
      durationMs = 0;
    },
    /** Time that the measuring itself took. */
    durationMs() {
      return durationMs;
    },
    /**
     * @param heapLimit - growth of the heap from where on garbage is told apart
     * @returns bytes of arrays at the worst moment, and by which the heap has grown
     */
    finish(heapLimit) {
      let heapBytes = Math.max(0, process.memoryUsage().heapUsed - base.dirtyHeap);
      if (heapBytes > heapLimit) {
        timed(() => {
          collectAll();
          heapBytes = Math.max(0, process.memoryUsage().heapUsed - base.heap);
        });
      }
      return { arrayBytes: arrays.peak, heapBytes };
    },
  };
}
