import { invariant } from '@alexnet/core';
import { KERNELS_BASE64 } from './kernels-module.ts';

type Kernel = (...numbers: number[]) => void;
const KERNEL_NAMES = [
  'resampleRows',
  'resampleNearRows',
  'resampleColumns',
  'spreadGrey',
  'takeGrey',
  'writeLevels',
] as const;

/**
 * The kernels of kernels.wat and their memory, which threads share: tables, then room that is given out anew for
 * each picture, then arrays that stay until they are freed.
 */
export interface KernelMemory {
  readonly kernels: Readonly<Record<(typeof KERNEL_NAMES)[number], Kernel>>;
  /** Everything reserved may be overwritten from now on. */
  clear(): void;
  /** Room for so many bytes, and for what kernels touch behind them; {@link ROOM_BYTES} at most in all. */
  reserve(length: number): number;
  /** What is in it is undefined; `null` if there is no memory left. */
  allocate(length: number): Float32Array | null;
  free(array: Float32Array): void;
  bytes(at: number, length: number): Uint8Array;
  integers(at: number, length: number): Int32Array;
  floats(at: number, length: number): Float32Array;
  /** Where an array lies; `null` for one elsewhere. */
  find(array: Uint8Array | Float32Array): number | null;
}

/** For one picture. */
export const ROOM_BYTES: number = 2 ** 26;
const TABLE_BYTES = 4096;
const PAGE = 65_536;
/** As kernels.wat has it: 2 GiB. */
const MOST_PAGES = 32_768;
/** Kernels read and write groups of sixteen bytes. */
const ALIGNMENT = 16;

export function createKernelMemory(): KernelMemory {
  let end = PAGE + ROOM_BYTES;
  let top = TABLE_BYTES;
  const memory = new WebAssembly.Memory({
    initial: end / PAGE,
    maximum: MOST_PAGES,
    shared: true,
  });
  // Asking for it takes longer than making an array. Growing gives another one for the same memory; arrays on the
  // former one stay good.
  let { buffer } = memory;
  const buffers = new Set<ArrayBufferLike>([buffer]);
  const freed = new Map<number, number[]>();
  return {
    kernels: instantiate(memory),
    clear: () => {
      top = TABLE_BYTES;
    },
    reserve(length) {
      const at = top;
      top = align(top + length) + ALIGNMENT;
      invariant(top <= PAGE + ROOM_BYTES, 'the picture is too large for the kernels');
      return at;
    },
    allocate(length) {
      const at = freed.get(length)?.pop() ?? end;
      const next = Math.max(end, align(at + length * Float32Array.BYTES_PER_ELEMENT));
      if (!growTo(memory, next)) return null;
      buffer = memory.buffer;
      buffers.add(buffer);
      end = next;
      return new Float32Array(buffer, at, length);
    },
    free(array) {
      freed.set(array.length, [...(freed.get(array.length) ?? []), array.byteOffset]);
    },
    bytes: (at, length) => new Uint8Array(buffer, at, length),
    integers: (at, length) => new Int32Array(buffer, at, length),
    floats: (at, length) => new Float32Array(buffer, at, length),
    find: (array) => (buffers.has(array.buffer) ? array.byteOffset : null),
  };
}

/** @returns whether there is so much */
function growTo(memory: WasmMemory, length: number): boolean {
  const missing = Math.ceil((length - memory.buffer.byteLength) / PAGE);
  if (missing <= 0) return true;
  if (length > MOST_PAGES * PAGE) return false;
  try {
    memory.grow(missing);
    return true;
  } catch {
    // The system has no more: an array of its own may still be had.
    return false;
  }
}

function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}

function instantiate(memory: WasmMemory): KernelMemory['kernels'] {
  const module = new WebAssembly.Module(Buffer.from(KERNELS_BASE64, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const find = (name: (typeof KERNEL_NAMES)[number]): Kernel => {
    const kernel = exports[name];
    invariant(isKernel(kernel), `there is no kernel "${name}"`);
    return kernel;
  };
  return {
    resampleRows: find('resampleRows'),
    resampleNearRows: find('resampleNearRows'),
    resampleColumns: find('resampleColumns'),
    spreadGrey: find('spreadGrey'),
    takeGrey: find('takeGrey'),
    writeLevels: find('writeLevels'),
  };
}

function isKernel(value: unknown): value is Kernel {
  return typeof value === 'function';
}
