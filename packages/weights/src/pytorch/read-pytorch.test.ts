import { createTensor } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { WeightFile } from '../weight-file.ts';
import { writeZip } from '../zip/write-zip.ts';
import { readPytorch } from './read-pytorch.ts';
import { stripWrappers } from './strip-wrappers.ts';
import { writePytorch } from './write-pytorch.ts';

// Files of PyTorch itself are read in tests/weights-pytorch.parity.test.ts; here are those that no PyTorch writes.

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const read = (bytes: Uint8Array) =>
  readPytorch({ name: 'x.pth', bytes, sibling: async () => null });

async function expectRefusal(
  bytes: Uint8Array,
  says: RegExp,
  code = 'INVALID_MODEL',
): Promise<void> {
  await expect(read(bytes)).rejects.toThrowError(
    expect.objectContaining({ code, message: expect.stringMatching(says) }),
  );
}

/** Protocol 2: a storage, and a tensor of it. */
const storage = (key = '0', count = 4, kind = 'FloatStorage', more = '') =>
  `(U\x07storagectorch\n${kind}\nU${String.fromCharCode(key.length)}${key}U\x03cpuK${String.fromCharCode(count)}${more}tQ`;
const tensor = (own: string, offset: string, size: string, stride: string) =>
  `ctorch._utils\n_rebuild_tensor_v2\n(${own}${offset}${size}${stride}\x89ccollections\nOrderedDict\n)RtR`;
const four = tensor(storage(), 'K\0', 'K\x04\x85', 'K\x01\x85');
const numbers = latin1('\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40');

/** A file in the form of today. */
function zipOf(pickle: string, entries: Readonly<Record<string, Uint8Array>> = {}): Uint8Array {
  const contents = { 'a/data.pkl': latin1(pickle), 'a/data/0': numbers, ...entries };
  return writeZip(Object.entries(contents).map(([name, part]) => ({ name, parts: [part] })));
}

const HEAD = '\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00.';
const TAIL = `\x04\0\0\0\0\0\0\0${String.fromCharCode(...numbers)}`;
/** A file in the form before PyTorch 1.6. */
const legacyOf = (pickle: string, keys = ']U\x010a.', tail = TAIL) =>
  latin1(`${HEAD}${pickle}${keys}${tail}`);
const legacyFour = four.replace('K\x04tQ', 'K\x04NtQ');

function valuesOf(file: WeightFile): unknown {
  return Object.fromEntries([...file.tensors].map(([name, x]) => [name, [...x.toFloat32()]]));
}

describe('both forms', () => {
  test('are read', async () => {
    expect(valuesOf(await read(zipOf(`}U\x01w${four}s.`)))).toEqual({ w: [1, 2, 3, 4] });
    expect(valuesOf(await read(legacyOf(`}U\x01w${legacyFour}s.`)))).toEqual({ w: [1, 2, 3, 4] });
  });

  test('parts of storages, as the legacy form has them', async () => {
    const part = storage('0', 4, 'FloatStorage', '(U\x01vK\x01K\x03t');
    const pickle = `}U\x01w${tensor(part, 'K\x01', 'K\x02\x85', 'K\x01\x85')}s.`;
    expect(valuesOf(await read(legacyOf(pickle)))).toEqual({ w: [3, 4] });
  });

  test('tensors from before 0.4, and bytes without a type', async () => {
    const old = four
      .replace('_rebuild_tensor_v2', '_rebuild_tensor')
      .replace('\x89ccollections\nOrderedDict\n)R', '');
    expect(valuesOf(await read(zipOf(`}U\x01w${old}s.`)))).toEqual({ w: [1, 2, 3, 4] });
    const untyped = four.replace('ctorch\nFloatStorage', 'ctorch.storage\nUntypedStorage');
    const bytes = zipOf(`}U\x01w${untyped}s.`, { 'a/data/0': latin1('\x01\x02\x03\xff') });
    expect(valuesOf(await read(bytes))).toEqual({ w: [1, 2, 3, 255] });
  });

  test('what is written comes back, as views', async () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    const bytes = writePytorch(new Map([['conv1.weight', createTensor([3, 2], data)]]));
    const { tensors } = await read(bytes);
    expect(tensors.get('conv1.weight')).toMatchObject({ dtype: 'float32', shape: [3, 2] });
    expect(tensors.get('conv1.weight')?.toFloat32()).toEqual(data);
    expect(tensors.get('conv1.weight')?.toFloat32().buffer).toBe(bytes.buffer);
  });

  test('nothing to write is a mistake', () => {
    expect(() => writePytorch(new Map())).toThrowError(/no tensors to write/);
  });
});

describe('weights in checkpoints', () => {
  const state = `}U\x01w${four}s`;
  test.each([
    { what: 'under a name in use', pickle: `}(U\x05modelq\x01${state}U\x05epochK\x03u.` },
    {
      what: 'beside an array of another meaning',
      pickle: `}(U\x09best_acc1${four}U\x0astate_dict${state}u.`,
    },
    { what: 'two levels down', pickle: `}U\x05model}U\x0astate_dict${state}ss.` },
    {
      what: 'under the only name with arrays',
      pickle: `}(U\x04mine${state}U\x09optimizer${state}u.`,
    },
  ])('$what', async ({ pickle }) => {
    const file = await read(zipOf(pickle));
    expect(valuesOf(file)).toEqual({ w: [1, 2, 3, 4] });
    expect(file.notes[0]).toMatch(/^A checkpoint: the weights are in /);
  });

  test.each([
    { what: 'a number', pickle: 'K\x01.', says: /no weights are found in it\./ },
    { what: 'a tensor', pickle: `${four}.`, says: /no weights are found/ },
    {
      what: 'training state only',
      pickle: `}(U\x09optimizer${state}U\x05epochK\x03u.`,
      says: /it has "optimizer", "epoch"/,
    },
    { what: 'two networks', pickle: `}(U\x01a${state}U\x01b${state}u.`, says: /it has "a", "b"/ },
  ])('$what: none are found, and what is there is listed', async ({ pickle, says }) => {
    await expectRefusal(zipOf(pickle), says, 'UNSUPPORTED');
  });

  test('a dict that holds itself', async () => {
    await expectRefusal(zipOf('}q\x00U\x05modelh\x00s.'), /no weights are found/, 'UNSUPPORTED');
  });

  test.each([
    { names: ['module.a', 'module.b'], stripped: ['a', 'b'], removed: ['module.'] },
    { names: ['_orig_mod.module.a.b'], stripped: ['a.b'], removed: ['_orig_mod.', 'module.'] },
    {
      names: ['features.module.0.weight', 'classifier.1.bias'],
      stripped: ['features.0.weight', 'classifier.1.bias'],
      removed: ['.module'],
    },
    { names: ['module.a', 'b'], stripped: ['module.a', 'b'], removed: [] },
    { names: ['a.module.b', 'a.b'], stripped: ['a.module.b', 'a.b'], removed: [] },
    {
      names: ['features.0.weight', 'features.0.bias'],
      stripped: ['features.0.weight', 'features.0.bias'],
      removed: [],
    },
  ])('names without wrappers: $names', ({ names, stripped, removed }) => {
    expect(stripWrappers(names)).toEqual({ names: stripped, removed });
  });
});

describe('what does not fit is refused', () => {
  const dict = (value: string) => `}U\x01w${value}s.`;
  test.each([
    {
      what: 'a shape beyond its storage',
      pickle: dict(tensor(storage(), 'K\0', 'K\x05\x85', 'K\x01\x85')),
      says: /tensor "w": shape \[5\] in float32 .* needs 20 bytes, but there are 16/,
    },
    {
      what: 'an offset beyond its storage',
      pickle: dict(tensor(storage(), 'K\x01', 'K\x04\x85', 'K\x01\x85')),
      says: /at element 1 .* needs 20 bytes/,
    },
    {
      what: 'a negative offset',
      pickle: dict(tensor(storage(), 'J\xff\xff\xff\xff', 'K\x04\x85', 'K\x01\x85')),
      says: /at element -1/,
    },
    {
      what: 'a stride beyond its storage',
      pickle: dict(tensor(storage(), 'K\0', 'K\x02\x85', 'K\x04\x85')),
      says: /with strides \[4\] needs 20 bytes/,
    },
    {
      what: 'a negative stride',
      pickle: dict(tensor(storage(), 'K\0', 'K\x02\x85', 'J\xff\xff\xff\xff\x85')),
      says: /with strides \[-1\]/,
    },
    {
      what: 'fewer strides than axes',
      pickle: dict(tensor(storage(), 'K\0', 'K\x02K\x02\x86', 'K\x01\x85')),
      says: /\[2, 2\].*strides \[1\]/,
    },
    {
      what: 'one number that is said to be gigabytes',
      pickle: dict(tensor(storage(), 'K\0', 'J\0\0\0\x40\x85', 'K\0\x85')),
      says: /would have 1073741824 numbers, more than the \d+ bytes/,
    },
    {
      what: 'a storage of another size',
      pickle: dict(tensor(storage('0', 3), 'K\0', 'K\x03\x85', 'K\x01\x85')),
      says: /storage 0 of 3 float32 needs 12 bytes, but has 16/,
    },
    {
      what: 'a storage that is not there',
      pickle: dict(tensor(storage('7'), 'K\0', 'K\x04\x85', 'K\x01\x85')),
      says: /storage 7 is not in the file/,
    },
    {
      what: 'a storage of two types',
      pickle: `}(U\x01v${four}U\x01w${tensor(storage('0', 4, 'IntStorage'), 'K\0', 'K\x04\x85', 'K\x01\x85')}u.`,
      says: /storage "0" is 4 float32 here and 4 int32 there/,
    },
    {
      what: 'a storage whose key climbs',
      pickle: dict(tensor(storage('../0'), 'K\0', 'K\x04\x85', 'K\x01\x85')),
      says: /storage \.\.\/0 is not in the file/,
    },
  ])('$what', async ({ pickle, says }) => {
    await expectRefusal(zipOf(pickle), says);
  });

  test.each([
    {
      what: 'no data.pkl',
      bytes: writeZip([{ name: 'a/x', parts: [] }]),
      says: /has 0 entries "data.pkl"/,
    },
    {
      what: 'two of them',
      bytes: zipOf('K\x01.', { 'b/data.pkl': latin1('K\x01.') }),
      says: /has 2 entries "data.pkl"/,
    },
    {
      what: 'another byte order',
      bytes: zipOf(`}U\x01w${four}s.`, { 'a/byteorder': latin1('middle') }),
      says: /neither "little" nor "big"/,
    },
    {
      what: 'a legacy file of another magic',
      bytes: latin1('\x80\x02K\x01.'),
      says: /begins with the number 1, not PyTorch's magic number/,
    },
    {
      what: 'a legacy file of another version',
      bytes: latin1(HEAD.replace('M\xe9\x03', 'M\xe8\x03')),
      says: /version is the number 1000, not the number 1001/,
    },
    {
      what: 'no list of storages',
      bytes: legacyOf(`}U\x01w${legacyFour}s.`, 'K\x01.'),
      says: /no list of storages/,
    },
    {
      what: 'another count',
      bytes: legacyOf(`}U\x01w${legacyFour}s.`, undefined, `\x05${TAIL.slice(1)}`),
      says: /storage "0" has 5 numbers, but 4 are announced/,
    },
    {
      what: 'a cut storage',
      bytes: legacyOf(`}U\x01w${legacyFour}s.`, undefined, TAIL.slice(0, -1)),
      says: /storage "0" at byte \d+ needs 16 bytes, but 15/,
    },
    {
      what: 'a storage twice',
      bytes: legacyOf(`}U\x01w${legacyFour}s.`, ']U\x010aU\x010a.'),
      says: /lists storage "0" twice/,
    },
    {
      what: 'a storage of nothing',
      bytes: legacyOf(`}U\x01w${legacyFour}s.`, ']U\x011a.'),
      says: /lists storage "1" that no tensor refers to/,
    },
    {
      what: 'a part beyond its storage',
      bytes: legacyOf(
        `}U\x01w${tensor(storage('0', 4, 'FloatStorage', '(U\x01vK\x02K\x03t'), 'K\0', 'K\x01\x85', 'K\x01\x85')}s.`,
      ),
      says: /is no part of storage "0" of 4/,
    },
  ])('$what', async ({ bytes, says }) => {
    await expectRefusal(bytes, says);
  });

  test('TorchScript, and the form of 2016, are named as not read', async () => {
    const script = zipOf('K\x01.', { 'a/constants.pkl': latin1(').') });
    await expectRefusal(script, /a TorchScript program/, 'UNSUPPORTED');
    await expectRefusal(latin1(`sys_info${'\0'.repeat(600)}`), /before 0\.1\.10/, 'UNSUPPORTED');
  });
});

describe('pickle: __reduce__ to any callable, in files of PyTorch', () => {
  const call = 'cposix\nsystem\n(U\x04echotR';

  test('in the state dict', async () => {
    await expectRefusal(zipOf(`}U\x01w${call}s.`), /^x\.pth, data\.pkl: it names "posix\.system"/);
    await expectRefusal(
      legacyOf(`}U\x01w${call}s.`),
      /object at byte \d+: it names "posix\.system"/,
    );
  });

  test("in a legacy stream's tail: the list of storages", async () => {
    await expectRefusal(
      legacyOf(`}U\x01w${legacyFour}s.`, `]${call}a.`),
      /list of storages at byte \d+: it names "posix\.system"/,
    );
  });

  test("in a legacy stream's tail: behind the last storage", async () => {
    await expectRefusal(
      legacyOf(`}U\x01w${legacyFour}s.`, undefined, `${TAIL}${call}.`),
      /24 bytes follow the last storage/,
    );
  });

  test('before the object: in the magic number or the system description', async () => {
    await expectRefusal(latin1(`${call}.`), /magic number at byte 0: it names "posix\.system"/);
    await expectRefusal(
      latin1(HEAD.replace('}q\x00', call)),
      /system description at byte \d+: it names "posix\.system"/,
    );
  });

  test('a whole network by its source, as the legacy form has it', async () => {
    const module = '(U\x06modulecmodel\nAlexNet\nU\x08model.pyU\x05classtQ';
    await expectRefusal(legacyOf(`${module}.`), /it names "model\.AlexNet"/);
  });

  test('a whole network, with what to save instead', async () => {
    await expect(read(zipOf('ctorchvision.models.alexnet\nAlexNet\n)\x81.'))).rejects.toThrowError(
      expect.objectContaining({
        message: expect.stringContaining('"torchvision.models.alexnet.AlexNet"'),
        hint: expect.stringContaining('torch.save(model.state_dict()'),
      }),
    );
  });
});

describe('pickle: a valid payload followed by garbage, in files of PyTorch', () => {
  test('behind data.pkl', async () => {
    await expectRefusal(zipOf(`}U\x01w${four}s.cos\nsystem\n)R.`), /its pickle ends at byte/);
  });

  test('a second pickle in the archive is never read', async () => {
    const bytes = zipOf(`}U\x01w${four}s.`, { 'a/other.pkl': latin1('cos\nsystem\n)R.') });
    expect(valuesOf(await read(bytes))).toEqual({ w: [1, 2, 3, 4] });
  });
});

describe('pickle: small files that would take long', () => {
  test('a tuple of thousands as the shape of thousands of tensors', async () => {
    const shape = `(${'K\x01'.repeat(5000)}tq\x010`;
    const one = tensor(storage(), 'K\0', 'h\x01', 'h\x01');
    await expectRefusal(zipOf(`${shape}}(${`U\x01w${one}`.repeat(1000)}u.`), /is rebuilt from/);
  });

  test('a dict of thousands under thousands of names', async () => {
    const inner = `}(${'NN'.repeat(5000)}uq\x010`;
    const names = Array.from({ length: 5000 }, (_, index) => {
      const name = String(index);
      return `U${String.fromCharCode(name.length)}${name}h\x01`;
    });
    const numbersOf = Array.from({ length: 20_000 }, (_, index) => `J${uint32(index)}N`).join('');
    const bytes = zipOf(`}(${numbersOf}uq\x010}(${names.join('')}u.`);
    const begin = performance.now();
    await expectRefusal(bytes, /no weights are found/, 'UNSUPPORTED');
    await expectRefusal(zipOf(`${inner}h\x01.`), /no weights are found/, 'UNSUPPORTED');
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  test('a name that is one wrapper in another, hundreds of times', async () => {
    const name = 'module.'.repeat(100);
    const { tensors } = await read(zipOf(`}X${uint32(name.length + 1)}${name}w${four}s.`));
    expect([...tensors.keys()]).toEqual(['module.w']);
    const long = 'a'.repeat(2000);
    await expectRefusal(zipOf(`}X${uint32(2000)}${long}${four}s.`), /name has 2000 letters/);
  });
});

function uint32(value: number): string {
  return [0, 8, 16, 24].map((shift) => String.fromCharCode((value >>> shift) & 0xff)).join('');
}
