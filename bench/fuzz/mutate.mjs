// What a damaged or forged file may look like. Every choice comes from the seeded generator.
import { repack, unpack } from './archive.mjs';

/** Bytes and numbers that mean something in many formats: ends of varints, signs, limits, opcodes. */
const TELLING_BYTES = [
  0x00,
  0x01,
  0x02,
  0x04,
  0x08,
  0x7f,
  0x80,
  0xfe,
  0xff,
  ...Buffer.from('(.)0RbctqhQ]}'),
];
const TELLING_NUMBERS = [0, 1, -1, 2, 255, 256, 65535, 2 ** 31 - 1, -(2 ** 31), 10 ** 6, 2 ** 24];

const MUTATIONS = [
  function cut(bytes, random) {
    return bytes.slice(0, random.integer(bytes.length));
  },
  function overwrite(bytes, random) {
    return change(bytes, random, () => random.integer(256));
  },
  function overwriteTelling(bytes, random) {
    return change(bytes, random, () => TELLING_BYTES[random.integer(TELLING_BYTES.length)]);
  },
  function flipBit(bytes, random) {
    return change(bytes, random, (byte) => byte ^ (1 << random.integer(8)));
  },
  function overwriteNumber(bytes, random) {
    const changed = bytes.slice();
    const width = [2, 4, 8][random.integer(3)];
    const number = BigInt.asUintN(
      64,
      BigInt(TELLING_NUMBERS[random.integer(TELLING_NUMBERS.length)]),
    );
    const at = random.integer(bytes.length);
    for (let index = 0; index < width && at + index < bytes.length; index += 1) {
      changed[at + index] = Number((number >> BigInt(8 * index)) & 0xffn);
    }
    return changed;
  },
  function remove(bytes, random) {
    const [begin, end] = pickRange(bytes, random);
    return splice(bytes, begin, end, new Uint8Array());
  },
  function repeat(bytes, random) {
    const [begin, end] = pickRange(bytes, random);
    const times = 1 + random.integer(random.integer(50) === 0 ? 200 : 3);
    const part = bytes.subarray(begin, end);
    const repeated = new Uint8Array(part.length * times);
    for (let time = 0; time < times; time += 1) repeated.set(part, time * part.length);
    return splice(bytes, end, end, repeated);
  },
  function insert(bytes, random) {
    const at = random.integer(bytes.length);
    return splice(bytes, at, at, new Uint8Array(random.integer(16)).fill(random.integer(256)));
  },
  function move(bytes, random) {
    const [begin, end] = pickRange(bytes, random);
    const at = random.integer(bytes.length);
    return splice(bytes, at, at, bytes.slice(begin, end));
  },
  function cross(bytes, random, other) {
    const [begin, end] = pickRange(other, random);
    const at = random.integer(bytes.length);
    return splice(
      bytes,
      at,
      Math.min(bytes.length, at + random.integer(64)),
      other.slice(begin, end),
    );
  },
];

/**
 * One to three mutations of a file.
 *
 * @param seeds - whole files
 * @param isArchive - in half of the cases the mutation is of one entry of a zip archive, which is packed anew, so that
 *   what reads the entries is reached and not the checksums alone
 */
export function mutate(seeds, random, isArchive) {
  const seed = seeds[random.integer(seeds.length)];
  const other = seeds[random.integer(seeds.length)];
  const entries = isArchive && random.integer(2) === 0 ? unpack(seed.bytes) : undefined;
  if (entries === undefined)
    return { name: seed.name, bytes: apply(seed.bytes, random, other.bytes) };
  // Small entries are where the structure is.
  const candidates = entries.filter(({ content }) => content.length > 0);
  const chosen = candidates[random.integer(candidates.length)];
  chosen.content = apply(chosen.content, random, other.bytes);
  return { name: seed.name, bytes: repack(entries) };
}

function apply(bytes, random, other) {
  let mutated = bytes;
  for (let count = 1 + random.integer(3); count > 0 && mutated.length > 0; count -= 1) {
    mutated = MUTATIONS[random.integer(MUTATIONS.length)](mutated, random, other);
  }
  return mutated;
}

function change(bytes, random, pick) {
  const changed = bytes.slice();
  for (let count = 1 + random.integer(4); count > 0; count -= 1) {
    const at = random.integer(bytes.length);
    changed[at] = pick(changed[at]);
  }
  return changed;
}

function pickRange(bytes, random) {
  const begin = random.integer(bytes.length);
  return [begin, Math.min(bytes.length, begin + 1 + random.integer(64))];
}

function splice(bytes, begin, end, middle) {
  const spliced = new Uint8Array(begin + middle.length + bytes.length - end);
  spliced.set(bytes.subarray(0, begin));
  spliced.set(middle, begin);
  spliced.set(bytes.subarray(end), begin + middle.length);
  return spliced;
}
