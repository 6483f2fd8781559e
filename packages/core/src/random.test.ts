import { describe, expect, test } from 'vitest';
import { createRandom, philox } from './random.ts';

describe('philox', () => {
  // Known answers of philox4x32-10 from the authors' Random123 1.14, tests/kat_vectors.
  test.each([
    {
      counter: [0, 0, 0, 0],
      key: [0, 0],
      expected: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      expected: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      expected: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ])('gives the published answer for $counter', ({ counter, key, expected }) => {
    const block = Uint32Array.from(counter);
    philox(block, Uint32Array.from(key));
    expect([...block]).toEqual(expected);
  });
});

describe('createRandom', () => {
  test('starts with the words of counter 0', () => {
    const random = createRandom(0);
    expect([random.uint32(), random.uint32(), random.uint32(), random.uint32()]).toEqual([
      0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8,
    ]);
  });

  test('seeds above 2³² are told apart from their low words', () => {
    expect(createRandom(2 ** 32).uint32()).not.toBe(createRandom(0).uint32());
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses %d as a seed', (seed) => {
    expect(() => createRandom(seed)).toThrowError(/whole number/);
  });

  test('split depends on labels alone, not on what was drawn before', () => {
    const drawn = createRandom(7);
    drawn.normal();
    drawn.uint32();
    const fresh = createRandom(7);
    expect(drawn.split('epoch', 3).uint32()).toBe(fresh.split('epoch', 3).uint32());
  });

  test('different labels give different streams', () => {
    const random = createRandom(7);
    const labels = [
      ['a'],
      ['b'],
      ['ab'],
      ['a', 'b'],
      ['b', 'a'],
      [1],
      [2],
      ['1'],
      [1, 1],
      [''],
      [],
    ];
    const firsts = labels.map((path) => random.split(...path).uint32());
    expect(new Set(firsts).size).toBe(labels.length);
  });

  test('splitting twice is splitting once with both labels', () => {
    const random = createRandom(7);
    expect(random.split('a').split(3).uint32()).toBe(random.split('a', 3).uint32());
  });

  test('split leaves the stream itself as it is', () => {
    const split = createRandom(1);
    split.split('x');
    expect(split.uint32()).toBe(createRandom(1).uint32());
  });

  test('uniform numbers have the mean and variance of their interval', () => {
    const values = Array.from(
      { length: 20000 },
      (
        (random) => () =>
          random.uniform(-1, 3)
      )(createRandom(5)),
    );
    const { mean, variance } = moments(values);
    // Standard errors: 4 / √(12 · 20000) = 0.008 and about 0.009.
    expect(Math.abs(mean - 1)).toBeLessThan(0.035);
    expect(Math.abs(variance - 16 / 12)).toBeLessThan(0.04);
  });

  test('normal numbers have mean 0, variance 1, and 4.55 % beyond two deviations', () => {
    const values = new Float32Array(40000);
    createRandom(6).fillNormal(values);
    const { mean, variance } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    const tail = values.filter((value) => Math.abs(value) > 2).length / values.length;
    expect(Math.abs(tail - 0.0455)).toBeLessThan(0.005);
  });

  test('fillUniform stays below 1', () => {
    const values = new Float32Array(50000);
    createRandom(8).fillUniform(values);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  });

  test('integers are even over their range', () => {
    const random = createRandom(9);
    const counts = [0, 0, 0];
    for (let i = 0; i < 30000; i++) {
      const value = random.integer(3);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    // Standard deviation of each count: √(30000 · 2/9) = 82.
    for (const count of counts) expect(Math.abs(count - 10000)).toBeLessThan(350);
  });

  test('shuffle keeps every value and reaches every order of three', () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const values = createRandom(seed).shuffle([1, 2, 3]);
      expect([...values].sort()).toEqual([1, 2, 3]);
      orders.add(values.join());
    }
    expect(orders.size).toBe(6);
  });
});

function moments(values: ArrayLike<number>) {
  const list = Array.from(values);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  const variance = list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length;
  return { mean, variance };
}
