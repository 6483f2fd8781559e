import { readFileSync } from 'node:fs';
import { isAlexNetError, sizeOf } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { lookup3 } from './checksum.ts';
import { openHdf5 } from './superblock.ts';
import { openTree } from './tree.ts';

// Files by h5py: tests/golden/make_weights_hdf5.py. What an array holds follows from its shape and type alone.

const GOLDEN = new URL('../../../../../tests/golden/weights/hdf5/', import.meta.url);

function open(name: string) {
  return openTree(openHdf5(readFileSync(new URL(name, GOLDEN)), name));
}

/** (37 i) mod 101 for element i; its parity for booleans. */
function expectedNumbers(count: number, isBoolean: boolean): readonly number[] {
  return Array.from({ length: count }, (_, index) => {
    const whole = (37 * index) % 101;
    return isBoolean ? whole % 2 : whole;
  });
}

const SHAPES: Readonly<Record<string, readonly number[]>> = {
  scalar: [],
  empty: [0, 3],
  'three-axes': [3, 4, 5],
  'four-axes': [3, 2, 4, 5],
  'many-chunks': [60, 5],
};

/** What the refusal of a file says. */
async function refusal(name: string): Promise<{ readonly code: string; readonly message: string }> {
  try {
    const tree = open(name);
    const visit = async (node: typeof tree.root): Promise<void> => {
      for (const child of tree.names(node)) {
        const found = tree.find(node, [child]);
        if (found && tree.isDataset(found)) await tree.readTensor(found);
        else if (found) await visit(found);
      }
    };
    await visit(tree.root);
  } catch (error) {
    if (isAlexNetError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  return expect.fail(`${name} was read.`);
}

describe.each(['earliest.h5', 'latest.h5', 'ordered.h5'])('%s', (name) => {
  const tree = open(name);

  test.each(['types', 'layouts'])('every array of "%s" has its numbers', async (group) => {
    const parent = tree.find(tree.root, [group]);
    const names = parent ? tree.names(parent) : [];
    expect(names.length).toBe(15);
    for (const array of names) {
      const node = parent && tree.find(parent, [array]);
      const tensor = node ? await tree.readTensor(node) : '';
      if (typeof tensor === 'string') return expect.fail(`${array}: ${tensor}`);
      const shape = SHAPES[array] ?? [6, 7];
      const expected = expectedNumbers(sizeOf(shape), array === 'b1');
      expect(tensor.shape, array).toEqual(shape);
      expect([...tensor.toFloat32()], array).toEqual(expected);
    }
  });

  test('finds attributes of all kinds, more of them than a header holds', () => {
    const node = tree.find(tree.root, ['texts']);
    if (!node) return expect.fail('no group');
    expect(tree.texts(node, 'of-heap')).toEqual(['alpha']);
    expect(tree.texts(node, 'list-of-heap')).toEqual(['alpha', '', 'gamma é']);
    expect(tree.texts(node, 'fixed')).toEqual(['beta']);
    expect(tree.texts(node, 'list-of-fixed')).toEqual(['conv1', 'conv_2_1', 'x']);
    expect(tree.texts(node, 'empty')).toEqual([]);
    expect(tree.texts(node, 'missing')).toBeNull();
    expect(() => tree.texts(node, 'number')).toThrowError(/should be text, but is int64/);
    const extra = Array.from({ length: 12 }, (_, index) => tree.texts(node, `extra${index}`));
    expect(extra.flat()).toEqual(Array.from({ length: 12 }, (_, index) => `text ${index}`));
  });
});

test('groups keep the order in which they were made, where the file does', () => {
  const names = Array.from({ length: 12 }, (_, index) => `array-${(index * 7) % 12}`);
  const ordered = open('ordered.h5');
  const node = ordered.find(ordered.root, ['many']);
  expect(node && ordered.names(node)).toEqual(names);
  const old = open('earliest.h5');
  const group = old.find(old.root, ['many']);
  expect(group && [...old.names(group)].sort()).toEqual([...names].sort());
});

test.each(['names-earliest.h5', 'names-latest.h5'])('%s: names of several nodes', (name) => {
  const tree = open(name);
  const expected = Array.from({ length: 300 }, (_, index) => `name-${index}`);
  expect([...tree.names(tree.root)].sort()).toEqual(expected.sort());
});

test('a block of the user’s own may stand before the file', () => {
  const tree = open('user-block.h5');
  const node = tree.find(tree.root, ['texts']);
  expect(node && tree.texts(node, 'fixed')).toEqual(['beta']);
});

describe('what is refused', () => {
  test.each([
    ['external storage: HDF5 that reads other files', 'external-storage.h5', /lie in other files/],
    ['external links: HDF5 that reads other files', 'external-link.h5', /external link to "\/etc/],
    ['soft links', 'soft-link.h5', /soft link to "\/\.\.\/\.\.\/etc/],
    ['virtual datasets', 'virtual.h5', /virtual dataset/],
    ['a filter that is not read', 'lzf.h5', /filter 32000 \(lzf\)/],
    ['chunks that can grow', 'growing.h5', /datasets that can grow/],
  ])('%s', async (_, name, message) => {
    expect(await refusal(name)).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['a shape of terabytes', 'huge-shape.h5', /no elements/],
    ['a shape of terabytes in chunks', 'huge-chunked-shape.h5', /1048576 chunks: 65536/],
    ['two thousand million chunks', 'chunk-count.h5', /2147483648 chunks: 65536/],
    ['a gzip bomb', 'gzip-bomb.h5', /33554432 bytes when unpacked/],
    ['chunks that were never written', 'missing-chunks.h5', /64 chunks should be there, but 1/],
    ['groups forty deep', 'deep-groups.h5', /more than 32 deep/],
    ['a hard link to a group around it', 'cycle.h5', /"" and "layers\/layers" are the same/],
    ['a group by two ways', 'twice.h5', /"a" and "b" are the same object/],
  ])('%s', async (_, name, message) => {
    expect(await refusal(name)).toEqual({
      code: 'INVALID_MODEL',
      message: expect.stringMatching(message),
    });
  });

  test('a file that was cut short', () => {
    const bytes = readFileSync(new URL('earliest.h5', GOLDEN));
    const cut = bytes.subarray(0, bytes.length - 1);
    expect(() => openHdf5(cut, 'cut.h5')).toThrowError(
      `cut.h5: it was cut short: it should have ${bytes.length} bytes, but has ${bytes.length - 1}.`,
    );
  });

  test('a header of the new kind that was altered', async () => {
    const bytes = new Uint8Array(readFileSync(new URL('latest.h5', GOLDEN)));
    bytes[80] = (bytes[80] ?? 0) ^ 1;
    expect(() => openTree(openHdf5(bytes, 'altered.h5'))).toThrowError(/checksum is/);
  });

  test('a file that is none, one without a root, one of a version to come', () => {
    expect(() => openHdf5(new Uint8Array(2000), 'x.h5')).toThrowError(/signature is missing/);
    const bytes = new Uint8Array(readFileSync(new URL('earliest.h5', GOLDEN)));
    bytes[8] = 9;
    expect(() => openHdf5(bytes, 'x.h5')).toThrowError(/HDF5 format is version 9, not 0 to 3/);
    bytes[8] = 0;
    bytes[13] = 3;
    expect(() => openHdf5(bytes, 'x.h5')).toThrowError(/addresses of 3 and lengths of 8 bytes/);
  });
});

test('checksums are those of lookup3.c', () => {
  // The two hashes that Bob Jenkins' driver5 prints.
  const text = new TextEncoder().encode('Four score and seven years ago');
  expect(lookup3(new Uint8Array())).toBe(0xdeadbeef);
  expect(lookup3(text)).toBe(0x17770551);
});
