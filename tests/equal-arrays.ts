import { expect } from 'vitest';

/** Arrays of numbers with the same bytes are equal: vitest would compare them number by number, by name. */
function haveEqualBytes(a: unknown, b: unknown): true | undefined {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.constructor !== b.constructor) return;
  return Buffer.compare(toBytes(a), toBytes(b)) === 0 || undefined;
}

function toBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

// In a module of its own: files that share a process load the setup file anew, and this one once.
expect.addEqualityTesters([haveEqualBytes]);
