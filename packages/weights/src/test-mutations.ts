import { isAlexNetError, type Random } from '@alexnet/core';

/** Bytes that mean something in many formats: ends of varints, zeros, long lengths, brackets. */
const TELLING = [0x00, 0x01, 0x07, 0x08, 0x0a, 0x12, 0x22, 0x5b, 0x7b, 0x7d, 0x7f, 0x80, 0xff];

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => bytes.slice(0, random.integer(bytes.length)),
  (bytes, random) => overwrite(bytes, random, () => random.integer(256)),
  (bytes, random) => overwrite(bytes, random, () => TELLING[random.integer(TELLING.length)] ?? 0),
  (bytes, random) => {
    const [begin, end] = pickRange(bytes, random);
    return splice(bytes, begin, end, new Uint8Array());
  },
  (bytes, random) => {
    const [begin, end] = pickRange(bytes, random);
    return splice(bytes, end, end, bytes.subarray(begin, end));
  },
  (bytes, random) => {
    const at = random.integer(bytes.length);
    return splice(bytes, at, at, new Uint8Array(random.integer(16)).fill(random.integer(256)));
  },
];

/** A file that is damaged in one of the ways that files are: cut, overwritten, with parts lost, doubled or added. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  return MUTATIONS[random.integer(MUTATIONS.length)]?.(bytes, random) ?? bytes;
}

/** @returns the code of the refusal, `read` where there was none */
export async function attempt(read: () => unknown): Promise<string> {
  try {
    await read();
    return 'read';
  } catch (error) {
    if (isAlexNetError(error)) return error.code;
    throw error;
  }
}

function overwrite(bytes: Uint8Array, random: Random, pick: () => number): Uint8Array {
  const mutated = bytes.slice();
  for (let count = 1 + random.integer(4); count > 0; count -= 1) {
    mutated[random.integer(bytes.length)] = pick();
  }
  return mutated;
}

function pickRange(bytes: Uint8Array, random: Random): readonly [number, number] {
  const begin = random.integer(bytes.length);
  return [begin, Math.min(bytes.length, begin + 1 + random.integer(64))];
}

function splice(bytes: Uint8Array, begin: number, end: number, middle: Uint8Array): Uint8Array {
  const spliced = new Uint8Array(begin + middle.length + bytes.length - end);
  spliced.set(bytes.subarray(0, begin));
  spliced.set(middle, begin);
  spliced.set(bytes.subarray(end), begin + middle.length);
  return spliced;
}
