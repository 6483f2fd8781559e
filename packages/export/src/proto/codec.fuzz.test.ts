import { createModel, createRandom, isAlexNetError, type Random } from '@alexnet/core';
import { expect, test } from 'vitest';
import { importOnnx } from '../import-onnx.ts';
import { readOnnxMetadata } from '../read-onnx-metadata.ts';
import { exportOnnx } from '../to-onnx.ts';

const CASES = 2000;

/** About 2 s on two cores with nothing else to do. */
const TIMEOUT_MS = 30_000;

/** Bytes that mean something in protobuf: ends of varints, common tags, long lengths. */
const TELLING = [0x00, 0x01, 0x07, 0x08, 0x0a, 0x0b, 0x0c, 0x3a, 0x7f, 0x80, 0xff];

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

/** @returns the code of the refusal, `read` where there was none */
function attempt(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    if (isAlexNetError(error)) return error.code;
    throw error;
  }
}

test(`${CASES} damaged files are read, or refused with an error of ours`, {
  timeout: TIMEOUT_MS,
}, () => {
  const whole = exportOnnx(createModel('mini', { widthMultiplier: 0.002, classes: 3 }));
  const random = createRandom(20120930);
  const outcomes = new Map<string, number>();
  for (let index = 0; index < CASES; index += 1) {
    const mutate = MUTATIONS[index % MUTATIONS.length];
    const damaged = mutate?.(whole, random) ?? whole;
    for (const read of [importOnnx, readOnnxMetadata]) {
      const outcome = attempt(() => read(damaged));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  expect([...outcomes.keys()].sort()).toEqual(['INVALID_MODEL', 'UNSUPPORTED', 'read']);
  expect(outcomes.get('INVALID_MODEL')).toBeGreaterThan(CASES / 4);
});
