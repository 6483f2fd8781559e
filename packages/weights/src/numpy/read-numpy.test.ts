import { createTensor } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { WeightFile } from '../weight-file.ts';
import { writeZip } from '../zip/write-zip.ts';
import { readNpz } from './read-npz.ts';
import { readNumpy } from './read-numpy.ts';
import { writeNpz } from './write-npz.ts';
import { writeNumpyDict } from './write-numpy-dict.ts';

// Files of NumPy itself are read in tests/weights-numpy.parity.test.ts; here are those that no NumPy writes.

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const sourceOf = (name: string, bytes: Uint8Array) => ({
  name,
  bytes,
  sibling: async () => null,
});

/** A `.npy` file of version 1 with this header and what follows it. */
function npyOf(header: string, content = ''): Uint8Array {
  const length = String.fromCharCode(header.length & 0xff, header.length >> 8);
  return latin1(`\x93NUMPY\x01\0${length}${header}${content}`);
}

const headerOf = (descr: string, shape: string) =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;

const readNpy = (bytes: Uint8Array) => readNumpy(sourceOf('x.npy', bytes));

/** A pickled array of float32 of shape (n,), by protocol 2. */
const arrayOf = (count: number, content: string, code = 'f4') =>
  'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85U\x01btR' +
  `(K\x01K${String.fromCharCode(count)}\x85cnumpy\ndtype\n(U${String.fromCharCode(code.length)}${code}K\0K\x01tR` +
  `(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89${content}tb`;
const one = arrayOf(1, 'U\x04\0\0\x80\x3f');

function valuesOf(file: WeightFile): unknown {
  return Object.fromEntries([...file.tensors].map(([name, x]) => [name, [...x.toFloat32()]]));
}

async function expectRefusal(
  promise: Promise<WeightFile>,
  says: RegExp,
  code = 'INVALID_MODEL',
): Promise<void> {
  await expect(promise).rejects.toThrowError(
    expect.objectContaining({ code, message: expect.stringMatching(says) }),
  );
}

describe('the header of an array', () => {
  test.each([
    { what: 'as Python 2 wrote long numbers', header: headerOf('<f4', '(1L, 1L)'), shape: [1, 1] },
    {
      what: 'double quotes and no spaces',
      header: '{"shape":(1,),"descr":"<f4","fortran_order":True}',
      shape: [1],
    },
    {
      what: 'texts of Python 2',
      header: "{u'descr': u'<f4', 'fortran_order': False, 'shape': ()}   \n",
      shape: [],
    },
  ])('$what', async ({ header, shape }) => {
    const { tensors } = await readNpy(npyOf(header, '\0\0\x80\x3f'));
    expect(tensors.get('x')).toMatchObject({ shape });
    expect(tensors.get('x')?.toFloat32()).toEqual(Float32Array.of(1));
  });

  test.each([
    {
      what: 'a cut header',
      bytes: npyOf(headerOf('<f4', '()')).subarray(0, 30),
      says: /the header at byte 10 needs/,
    },
    {
      what: 'a header of a megabyte',
      bytes: latin1('\x93NUMPY\x02\0\0\0\x10\0'),
      says: /claims 1048576 bytes, more than the limit of 10000/,
    },
    {
      what: 'no dict',
      bytes: npyOf('[1, 2]'),
      says: /not the dict that NumPy writes, at character 0/,
    },
    {
      what: 'a call',
      bytes: npyOf("{'descr': __import__('os')}"),
      says: /not the dict that NumPy writes/,
    },
    { what: 'a key twice', bytes: npyOf("{'descr': '<f4', 'descr': '<f4'}"), says: /not the dict/ },
    {
      what: 'another key',
      bytes: npyOf("{'descr': '<f4', 'x': 1, 'shape': ()}"),
      says: /has descr, x, shape/,
    },
    { what: 'a missing key', bytes: npyOf("{'descr': '<f4'}"), says: /its header has descr, not/ },
    {
      what: 'a shape of words',
      bytes: npyOf(headerOf('<f4', 'False')),
      says: /no tuple of numbers/,
    },
    { what: 'a negative length', bytes: npyOf(headerOf('<f4', '(-1,)')), says: /not the dict/ },
    {
      what: 'lengths that overflow',
      bytes: npyOf(headerOf('<f4', '(9007199254740993, 3)')),
      says: /is no shape/,
    },
    {
      what: 'a count that promises terabytes',
      bytes: npyOf(headerOf('<f4', '(1000000000000,)')),
      says: /needs 4000000000000 bytes, but there are 0/,
    },
    {
      what: 'too few bytes',
      bytes: npyOf(headerOf('<f4', '(2,)'), '1234567'),
      says: /needs 8 bytes, but there are 7/,
    },
    {
      what: 'a valid array followed by garbage',
      bytes: npyOf(headerOf('<f4', '(1,)'), '12345'),
      says: /has 4 bytes, but 5 follow/,
    },
    {
      what: 'digits without end',
      bytes: npyOf(headerOf('<f4', `(${'1'.repeat(9000)}`)),
      says: /not the dict/,
    },
  ])('$what is refused', async ({ bytes, says }) => {
    await expectRefusal(readNpy(bytes), says);
  });

  test.each([
    {
      what: 'records',
      header: "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
      says: /type \[\('a', '<f4'\)\]/,
    },
    { what: 'texts', header: headerOf('<U3', '(1,)'), says: /type <U3/ },
    { what: 'complex numbers', header: headerOf('<c8', '(1,)'), says: /type <c8/ },
    { what: 'long doubles', header: headerOf('<f16', '(1,)'), says: /type <f16/ },
  ])('$what are named as not read', async ({ header, says }) => {
    await expectRefusal(readNpy(npyOf(header, '0123456789abcdef')), says, 'UNSUPPORTED');
  });

  test('another version is named as not read', async () => {
    await expectRefusal(readNpy(latin1('\x93NUMPY\x04\0\0\0')), /version 4/, 'UNSUPPORTED');
  });
});

describe('an array by protocol 5', () => {
  const tuple = (...axes: readonly number[]) =>
    `(${axes.map((axis) => `K${String.fromCharCode(axis)}`).join('')}t`;
  /** 0, 1, 2, 3, 4, 5 in two rows. */
  const read = (order: string) => {
    const floats = Buffer.from(Float32Array.of(0, 1, 2, 3, 4, 5).buffer).toString('latin1');
    const dtype =
      'cnumpy\ndtype\n(U\x02f4K\0K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb';
    const call = `cnumpy._core.numeric\n_frombuffer\n(U\x18${floats}${dtype}${tuple(2, 3)}${order}tR`;
    return readNpy(latin1(`}(U\x01a${call}u.`));
  };

  test.each([
    { what: 'rows', order: 'U\x01C', shape: [2, 3], values: [0, 1, 2, 3, 4, 5] },
    { what: 'columns', order: 'U\x01F', shape: [2, 3], values: [0, 2, 4, 1, 3, 5] },
    {
      what: 'rows of what is then turned',
      order: `U\x01K${tuple(1, 0)}`,
      shape: [3, 2],
      values: [0, 3, 1, 4, 2, 5],
    },
  ])('$what', async ({ order, shape, values }) => {
    const [array] = (await read(order)).tensors.values();
    expect(array?.shape).toEqual(shape);
    expect([...(array?.toFloat32() ?? [])]).toEqual(values);
  });

  test.each([
    { what: 'no order', order: 'U\x01A' },
    { what: 'no axes', order: 'U\x01K' },
    { what: 'an axis twice', order: `U\x01K${tuple(0, 0)}` },
    { what: 'an axis that is not there', order: `U\x01K${tuple(0, 2)}` },
    { what: 'too many axes', order: `U\x01K${tuple(0, 1, 2)}` },
    { what: 'axes beside another order', order: `U\x01C${tuple(1, 0)}` },
    { what: 'something behind them', order: `U\x01K${tuple(1, 0)}N` },
  ])('$what: refused', async ({ order }) => {
    await expectRefusal(read(order), /numpy's _frombuffer is called with/);
  });
});

describe('dicts of layers', () => {
  const read = (pickle: string) => readNpy(latin1(pickle));

  test('lists are told apart by their axes, whatever their order; other names stay', async () => {
    const [two, matrix] = [
      arrayOf(2, 'U\x08\0\0\x80\x3f\0\0\0\x40'),
      one.replace('(K\x01K\x01\x85', '(K\x01K\x01K\x01\x86'),
    ];
    expect(valuesOf(await read(`}(U\x02fc](${two}${matrix}eU\x01a](${one}eu.`))).toEqual({
      'fc/biases': [1, 2],
      'fc/weights': [1],
      'a/biases': [1],
    });
    expect(valuesOf(await read(`}(U\x02bn](${one}${one}${one}eU\x01x${one}K\x07${one}u.`))).toEqual(
      {
        'bn/0': [1],
        'bn/1': [1],
        'bn/2': [1],
        x: [1],
        '7': [1],
      },
    );
  });

  test('names of objects are names', async () => {
    const { tensors } = await read(`}(U\x09__proto__${one}U\x0bconstructor${one}u.`);
    expect([...tensors.keys()]).toEqual(['__proto__', 'constructor']);
  });

  test('an array that is not in a dict', async () => {
    expect(valuesOf(await read(`${one}.`))).toEqual({ x: [1] });
  });

  test.each([
    {
      what: 'bytes that do not fit the shape',
      pickle: `${arrayOf(2, 'U\x04\0\0\x80\x3f')}.`,
      says: /in float32: a numpy array of shape \[2\] is given 4 bytes/,
    },
    {
      what: 'a list where bytes belong',
      pickle: `${arrayOf(1, '](K\x01e')}.`,
      says: /is given a list of 1/,
    },
    {
      what: 'bytes where objects belong',
      pickle: `${arrayOf(1, 'U\x04abcd', 'O8')}.`,
      says: /is given 4 bytes/,
    },
    {
      what: 'a name twice',
      pickle: `}(U\x03a/b${one}U\x01a}(U\x01b${one}uu.`,
      says: /array "a\/b" is there twice/,
    },
  ])('$what is refused', async ({ pickle, says }) => {
    await expectRefusal(read(pickle), says);
  });

  test('no arrays are named as such', async () => {
    await expectRefusal(read('}(U\x01aK\x01u.'), /holds no arrays of numbers/, 'UNSUPPORTED');
  });
});

describe('pickle: billion-laughs nesting, as far as arrays are looked for', () => {
  test('levels of two', async () => {
    const levels = Array.from({ length: 40 }, (_, index) => {
      const [below, above] = [String.fromCharCode(index + 1), String.fromCharCode(index + 2)];
      return `h${below}h${below}\x86q${above}0`;
    });
    await expectRefusal(readNpy(latin1(`${one}q\x010${levels.join('')}h\x29.`)), /beyond 8 levels/);
  });

  test('levels of a thousand', async () => {
    const level = (below: string, above: string) => `(${`h${below}`.repeat(1000)}tq${above}0`;
    const pickle = `Nq\x010${level('\x01', '\x02')}${level('\x02', '\x03')}${level('\x03', '\x04')}h\x04.`;
    await expectRefusal(readNpy(latin1(pickle)), /beyond 100000 values/);
  });

  test('a list that holds itself', async () => {
    await expectRefusal(readNpy(latin1(']q\x01h\x01a.')), /beyond 8 levels/);
  });

  test('one array under thousands of names', async () => {
    const big = arrayOf(100, `T\x90\x01\0\0${'\0'.repeat(400)}`);
    await expectRefusal(
      readNpy(latin1(`](${big}q\x00${'h\x00'.repeat(200)}e.`)),
      /would have 1\d{3} numbers, more than the \d+ bytes that hold them/,
    );
  });
});

describe('pickle: __reduce__ to any callable, in files of NumPy', () => {
  const call = 'cposix\nsystem\n(U\x04echotR';
  test('in an array of objects', async () => {
    const bytes = npyOf(headerOf('|O', '()'), `${call}.`);
    await expectRefusal(readNpy(bytes), /^x\.npy: it names "posix\.system"/);
  });

  test('in an archive, behind arrays that are in order', async () => {
    const bytes = writeZip([
      { name: 'a.npy', parts: [npyOf(headerOf('<f4', '(1,)'), '1234')] },
      { name: 'b.npy', parts: [npyOf(headerOf('|O', '()'), `${call}.`)] },
    ]);
    await expectRefusal(
      readNpz(sourceOf('x.npz', bytes)),
      /^x\.npz, entry "b\.npy": it names "posix\.system"/,
    );
  });

  test('a valid payload followed by garbage', async () => {
    const object = one.replace('K\x01K\x01\x85', 'K\x01)').replace('U\x02f4', 'U\x02O8');
    const boxed = object.replace('U\x04\0\0\x80\x3f', `]${one}a`);
    const header = headerOf('|O', '()');
    expect(valuesOf(await readNpy(npyOf(header, `${boxed}.`)))).toEqual({ x: [1] });
    await expectRefusal(readNpy(npyOf(header, `${boxed}.${call}.`)), /its pickle ends at byte/);
  });

  test('a pickle that is not the array that the header announces', async () => {
    await expectRefusal(readNpy(npyOf(headerOf('|O', '()'), 'K\x01.')), /not the array that/);
    await expectRefusal(readNpy(npyOf(headerOf('|O', '(5,)'), `${one}.`)), /not the array that/);
  });
});

describe('archives', () => {
  const tensors = new Map([
    ['conv1.weight', createTensor([2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))],
    ['__proto__', createTensor([], Float32Array.of(7))],
  ]);

  test('come back as they were written, as views', async () => {
    const bytes = writeNpz(tensors);
    const file = await readNpz(sourceOf('x.npz', bytes));
    expect(file).toMatchObject({ format: 'npz', notes: [] });
    for (const [name, { shape, data }] of tensors) {
      expect(file.tensors.get(name)).toMatchObject({ dtype: 'float32', shape });
      expect(file.tensors.get(name)?.toFloat32()).toEqual(data);
      expect(file.tensors.get(name)?.toFloat32().buffer).toBe(bytes.buffer);
    }
  });

  test('other entries are left out, and said so', async () => {
    const parts = [latin1('hello')];
    const array = { name: 'a.npy', parts: [npyOf(headerOf('<f4', '(1,)'), '1234')] };
    const bytes = writeZip([array, { name: 'readme.txt', parts }]);
    const { notes } = await readNpz(sourceOf('x.npz', bytes));
    expect(notes).toEqual(['Left out, as no arrays of numbers: "readme.txt".']);
    await expectRefusal(
      readNpz(sourceOf('x.npz', writeZip([{ name: 'readme.txt', parts }]))),
      /holds no arrays/,
      'UNSUPPORTED',
    );
  });

  test('an altered array is refused by its checksum', async () => {
    const bytes = writeNpz(tensors);
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    await expectRefusal(
      readNpz(sourceOf('x.npz', bytes)),
      /entry "conv1.weight.npy": its checksum/,
    );
  });
});

test('dicts of layers come back as they were written', async () => {
  const layer = { weights: tensorOf(3, 2), biases: createTensor([2], Float32Array.of(8, 9)) };
  for (const form of ['lists', 'dicts'] as const) {
    const bytes = writeNumpyDict(new Map([['conv1', layer]]), form);
    expect(valuesOf(await readNpy(bytes))).toEqual({
      'conv1/weights': [0, 1, 2, 3, 4, 5],
      'conv1/biases': [8, 9],
    });
  }
});

function tensorOf(...shape: readonly number[]) {
  const tensor = createTensor(shape);
  return createTensor(
    shape,
    tensor.data.map((_, index) => index),
  );
}
