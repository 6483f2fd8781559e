import { isAlexNetError } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import { NUMPY_GLOBALS } from '../numpy/numpy-globals.ts';
import { PYTORCH_GLOBALS } from '../pytorch/pytorch-globals.ts';
import { StorageTable } from '../pytorch/storage-table.ts';
import { readWholePickle } from './read-pickle.ts';
import { PickleDict, PickleList, PickleSet, PickleTuple, type PickleValue } from './values.ts';

// Pickles are written out by hand, after Python's Lib/pickletools.py; `\x80\x04` begins one of protocol 4.

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

const uint32 = (value: number) =>
  [0, 8, 16, 24].map((shift) => String.fromCharCode((value >>> shift) & 0xff)).join('');

function read(pickle: string): PickleValue {
  const table = new StorageTable('x.pth');
  return readWholePickle(bytesOf(pickle), {
    place: 'x.pth',
    globals: PYTORCH_GLOBALS,
    loadPersistent: (id) => table.load(id),
  });
}

/** What a pickle holds, as plain data. */
function plain(value: PickleValue): unknown {
  if (value instanceof PickleList) return value.items.map(plain);
  if (value instanceof PickleTuple) return { tuple: value.items.map(plain) };
  if (value instanceof PickleSet) return { set: value.items.map(plain) };
  if (value instanceof PickleDict) {
    return new Map([...value.entries].map(([key, item]) => [plain(key), plain(item)]));
  }
  return value;
}

function refusal(pickle: string): string {
  try {
    read(pickle);
  } catch (error) {
    if (isAlexNetError(error) && error.code === 'INVALID_MODEL') return error.message;
    throw error;
  }
  return expect.fail('It was read.');
}

describe('readPickle', () => {
  test.each([
    { what: 'protocol 0', pickle: "(lp0\nI1\naL-25L\naF0.5\naI01\naNaS'a\\x00\\n'\np1\nag1\na." },
    {
      what: 'protocol 1',
      pickle: ']q\x00(K\x01J\xe7\xff\xff\xffG?\xe0\0\0\0\0\0\0I01\nNU\x03a\0\nq\x01h\x01e.',
    },
    {
      what: 'protocol 2',
      pickle: '\x80\x02]q\x00(K\x01\x8a\x01\xe7G?\xe0\0\0\0\0\0\0\x88NT\x03\0\0\0a\0\nq\x01h\x01e.',
    },
    {
      what: 'protocol 3',
      pickle: '\x80\x03]q\x00(K\x01J\xe7\xff\xff\xffG?\xe0\0\0\0\0\0\0\x88NC\x03a\0\nq\x01h\x01e.',
    },
    {
      what: 'protocol 4',
      pickle:
        '\x80\x04\x95\x1f\0\0\0\0\0\0\0]\x94(K\x01J\xe7\xff\xff\xffG?\xe0\0\0\0\0\0\0\x88NC\x03a\0\n\x94h\x01e.',
    },
    {
      what: 'protocol 5',
      pickle:
        '\x80\x05]\x94(K\x01J\xe7\xff\xff\xffG?\xe0\0\0\0\0\0\0\x88N\x96\x03\0\0\0\0\0\0\0a\0\n\x94h\x01e.',
    },
  ])('a list by $what', ({ pickle }) => {
    const bytes = bytesOf('a\0\n');
    expect(plain(read(pickle))).toEqual([1, -25, 0.5, true, null, bytes, bytes]);
  });

  test.each([
    { what: 'a short number', pickle: 'M\x00\x01.', value: 256 },
    {
      what: 'a long',
      pickle: '\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.',
      value: 0x1950a86a20f9469cfc6cn,
    },
    { what: 'no digits', pickle: '\x8a\x00.', value: 0 },
    {
      what: 'a long with four bytes of length',
      pickle: '\x8b\x02\0\0\0\x00\x80.',
      value: -32768,
    },
    {
      what: 'a large line',
      pickle: 'L123456789012345678901234567890L\n.',
      value: 123456789012345678901234567890n,
    },
    { what: 'False as a line', pickle: 'I00\n.', value: false },
    { what: 'an exponent', pickle: 'F-1.5e-07\n.', value: -1.5e-7 },
    { what: 'infinity', pickle: 'Finf\n.', value: Number.POSITIVE_INFINITY },
    { what: 'no number', pickle: 'Fnan\n.', value: Number.NaN },
    { what: 'text with escapes', pickle: 'Va\\u20ac\\U0001f600\\u000a\xe9\n.', value: 'a€😀\né' },
    { what: 'UTF-8', pickle: 'X\x03\0\0\0\xe2\x82\xac.', value: '€' },
    { what: 'short UTF-8', pickle: '\x8c\x02\xc3\xa9.', value: 'é' },
    { what: 'UTF-8 with eight bytes of length', pickle: '\x8d\x01\0\0\0\0\0\0\0a.', value: 'a' },
    { what: 'a quoted text', pickle: 'S"it\'s \\\\ \\t"\n.', value: bytesOf("it's \\ \t") },
    { what: 'bytes', pickle: 'B\x01\0\0\0a.', value: bytesOf('a') },
    {
      what: 'bytes with eight bytes of length',
      pickle: '\x8e\x01\0\0\0\0\0\0\0a.',
      value: bytesOf('a'),
    },
    { what: 'sets', pickle: '\x8f(K\x01\x90.', value: { set: [1] } },
    { what: 'frozen sets', pickle: '(K\x01\x91.', value: { set: [1] } },
    { what: 'a list of a group', pickle: '(K\x01K\x02l.', value: [1, 2] },
  ])('$what', ({ pickle, value }) => {
    expect(plain(read(pickle))).toEqual(value);
  });

  test('tuples of every length', () => {
    const pickle = '()K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87(K\x01K\x02K\x03K\x04tt.';
    const lengths = [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]];
    expect(plain(read(pickle))).toEqual({ tuple: lengths.map((tuple) => ({ tuple })) });
  });

  test('what is dropped is gone, what is doubled is there twice', () => {
    expect(plain(read('K\x05(K\x061K\x0702\x86.'))).toEqual({ tuple: [5, 5] });
  });

  test.each([
    { what: 'of protocol 0', pickle: "(dp0\nS'a'\nI1\ns." },
    { what: 'of a group', pickle: "(S'a'\nI1\nd." },
    { what: 'of protocol 2', pickle: '}(X\x01\0\0\0aK\x01u.' },
    {
      what: 'in order, by Python 3',
      pickle: 'ccollections\nOrderedDict\n)R(X\x01\0\0\0aK\x01u.',
    },
    { what: 'in order, by Python 2', pickle: 'ccollections\nOrderedDict\n(](](U\x01aK\x01eetR.' },
    {
      what: 'with attributes',
      pickle: 'ccollections\nOrderedDict\n)RX\x01\0\0\0aK\x01s}X\x01\0\0\0bK\x02sb.',
    },
  ])('a dict $what', ({ pickle }) => {
    expect(plain(read(pickle))).toEqual(new Map([['a', 1]]));
  });

  test.each([
    { what: 'UTF-8', unit: '\xc3\xa9a\xc2\x80', begin: `X${uint32(100_000)}`, end: '' },
    { what: 'lines', unit: '\xe9a\\u0080', begin: 'V', end: '\n' },
  ])('long bytes as a text, in $what', ({ unit, begin, end }) => {
    const text = unit.repeat(100_000 / 5).padEnd(100_000, 'a');
    const bytes = read(`c_codecs\nencode\n(${begin}${text.slice(0, 100_000)}${end}U\x06latin1tR.`);
    const head = bytes instanceof Uint8Array ? [...bytes.subarray(0, 6)] : [];
    expect(head).toEqual([0xe9, 0x61, 0x80, 0xe9, 0x61, 0x80]);
  });

  test.each(['\xc4\x80', '\xe2\x82\xac', '\x80', '\xc3'])(
    'long bytes as a text that has %j',
    (part) => {
      const text = `${'a'.repeat(100_000 - part.length)}${part}`;
      const pickle = `c_codecs\nencode\n(X${uint32(100_000)}${text}U\x06latin1tR.`;
      expect(refusal(pickle)).toMatch(/hold characters beyond Latin-1/);
    },
  );

  test('a list that holds itself', () => {
    const list = read(']q\x00h\x00a.');
    expect(list instanceof PickleList && list.items[0] === list).toBe(true);
  });

  test.each([
    { what: 'nothing', pickle: '', says: /an opcode at byte 0 needs 1 bytes, but 0 are left/ },
    { what: 'no end', pickle: 'K\x01', says: /an opcode at byte 2/ },
    { what: 'no value', pickle: '.', says: /its stack is empty/ },
    { what: 'values left over', pickle: 'K\x01K\x02.', says: /1 values are left/ },
    { what: 'a group left open', pickle: '(K\x01.', says: /0 values are left|left on its stack/ },
    { what: 'a group never begun', pickle: 't.', says: /ends a group that it never began/ },
    { what: 'a value of another group', pickle: 'K\x01(\x85.', says: /its stack is empty/ },
    { what: 'no such opcode', pickle: '\x00', says: /"\\u0000" is no opcode/ },
    { what: 'a byte that is no text', pickle: 'X\x01\0\0\0\xff.', says: /not UTF-8/ },
    { what: 'a text beyond the end', pickle: 'X\xff\xff\xff\x7fa', says: /needs 2147483647 bytes/ },
    { what: 'bytes of negative length', pickle: 'T\xff\xff\xff\xff', says: /needs -1 bytes/ },
    {
      what: 'bytes beyond any file',
      pickle: `\x8e${'\xff'.repeat(8)}`,
      says: /more than any file/,
    },
    {
      what: 'a frame beyond the end',
      pickle: '\x95\x09\0\0\0\0\0\0\0N.',
      says: /a frame of 9 bytes/,
    },
    { what: 'words for a number', pickle: 'Ione\n.', says: /no whole number/ },
    { what: 'no text', pickle: 'Sabc\n.', says: /no quoted text/ },
    { what: 'a cut escape', pickle: "S'\\x0'\n.", says: /no quoted text/ },
    { what: 'a code beyond Unicode', pickle: 'V\\Uffffffff\n.', says: /an escape that is none/ },
    { what: 'a memo place that is empty', pickle: 'h\x00.', says: /memo place 0 is empty/ },
    { what: 'appending to a dict', pickle: '}K\x01a.', says: /appends to a dict/ },
    { what: 'an item of a list', pickle: ']K\x01K\x02s.', says: /sets items of a list/ },
    { what: 'a key without value', pickle: '}(K\x01u.', says: /a key has no value/ },
    { what: 'another protocol', pickle: '\x80\x06N.', says: /protocol 6/ },
  ])('$what is refused', ({ pickle, says }) => {
    expect(() => read(pickle)).toThrowError(
      expect.objectContaining({ message: expect.stringMatching(says) }),
    );
  });
});

describe('pickle: __reduce__ to any callable', () => {
  test.each([
    { what: 'protocol 0', pickle: "cposix\nsystem\np0\n(S'echo'\np1\ntp2\nRp3\n." },
    {
      what: 'protocol 2',
      pickle: '\x80\x02cposix\nsystem\nq\x00X\x04\0\0\0echoq\x01\x85q\x02Rq\x03.',
    },
    {
      what: 'protocol 4',
      pickle: '\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04echo\x94\x85\x94R\x94.',
    },
    { what: 'INST', pickle: "(S'echo'\niposix\nsystem\n." },
    { what: 'OBJ', pickle: "(cposix\nsystem\nS'echo'\no." },
    { what: 'NEWOBJ', pickle: '\x80\x02cposix\nsystem\n)\x81.' },
    { what: 'naming alone', pickle: 'cposix\nsystem\n.' },
    { what: 'a name in parts', pickle: '\x8c\x05posix\x8c\x06system\x93.' },
  ])('$what', ({ pickle }) => {
    expect(refusal(pickle)).toContain('it names "posix.system", which is not among the types');
  });

  test.each([
    'builtins.eval',
    'builtins.exec',
    'builtins.getattr',
    'builtins.__import__',
    '__builtin__.eval',
    'os.system',
    'nt.system',
    'subprocess.Popen',
    'runpy.run_module',
    'operator.attrgetter',
    'functools.partial',
    'pickle.loads',
    'torch.load',
    'torch.hub.load',
    'torch.utils._config_module.ConfigModule.load_config',
    'torch._utils._rebuild_device_tensor_from_numpy',
    'torch.serialization.load',
    'torch.storage._load_from_bytes',
    'numpy.load',
    'numpy.testing._private.utils.runstring',
    'numpy.f2py.crackfortran.getlincoef',
    'numpy.core.multiarray.scalar',
    'collections.OrderedDict.fromkeys',
    'collections.Counter',
    'constructor.prototype',
    '__proto__.toString',
  ])('%s is refused by its name', (name) => {
    const at = name.lastIndexOf('.');
    const pickle = `c${name.slice(0, at)}\n${name.slice(at + 1)}\n)R.`;
    expect(refusal(pickle)).toContain(`it names "${name}"`);
  });

  test('nested in containers', () => {
    expect(refusal("}(S'a'\n](K\x01cos\nsystem\n)Reu.")).toContain('"os.system"');
  });

  test('in the persistent id', () => {
    expect(refusal("(S'storage'\ncos\nsystem\nS'0'\nS'cpu'\nK\x01tQ.")).toContain('"os.system"');
    expect(refusal('cos\nsystem\n)RQ.')).toContain('"os.system"');
    expect(refusal('(U\x07storageccollections\nOrderedDict\nU\x010U\x03cpuK\x01tQ.')).toMatch(
      /it refers to \(7 bytes, "collections.OrderedDict".*no storage/,
    );
    expect(refusal('Pos.system\n.')).toMatch(
      /refers to \(the text "os.system"\), which is no storage/,
    );
  });

  test('a persistent id where the format has none', () => {
    const globals = NUMPY_GLOBALS;
    expect(() => readWholePickle(bytesOf('K\x01Q.'), { place: 'x.npy', globals })).toThrowError(
      /x.npy: its pickle, before byte 3: it refers to what lies outside/,
    );
  });

  test('by registered extension, or with a buffer from outside', () => {
    expect(refusal('\x82\x01.')).toContain('EXT1');
    expect(refusal('\x83\x01\x00.')).toContain('EXT2');
    expect(refusal('\x84\x01\0\0\0.')).toContain('EXT4');
    expect(refusal('\x97.')).toContain('NEXT_BUFFER');
  });
});

describe('CVE-2025-32434: an allow-listed class whose construction takes a callable', () => {
  const dict = 'ccollections\nOrderedDict\n';
  const reconstruct = 'cnumpy.core.multiarray\n_reconstruct\n';
  const dtype = 'cnumpy\ndtype\n';
  const storage = '(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x01tQ';
  const tensor = 'ctorch._utils\n_rebuild_tensor_v2\n';

  test.each([
    {
      what: 'calling a number',
      pickle: 'K\x01)R.',
      says: /calls the number 1 with a tuple of 0/,
    },
    { what: 'calling a dict', pickle: '})R.', says: /calls a dict of 0/ },
    { what: 'arguments that are no tuple', pickle: `${dict}]R.`, says: /with a list of 0/ },
    {
      what: 'calling a class that is only named',
      pickle: 'cnumpy\nndarray\n)R.',
      says: /calls what is no function/,
    },
    {
      what: 'calling a storage',
      pickle: 'ctorch\nFloatStorage\n)R.',
      says: /calls what is no function/,
    },
    {
      what: 'an OrderedDict of a class',
      pickle: `${dict}(${dict}tR.`,
      says: /OrderedDict is made of "collections.OrderedDict"/,
    },
    {
      what: 'an OrderedDict of no pairs',
      pickle: `${dict}(](K\x01etR.`,
      says: /given the number 1 as key and value/,
    },
    { what: 'an OrderedDict without constructor', pickle: `${dict})\x81.`, says: /NEWOBJ/ },
    {
      what: 'an OrderedDict filled with a class',
      pickle: `${dict})R${dict}b.`,
      says: /fills a dict of 0 with "collections/,
    },
    { what: 'filling a list', pickle: ']}b.', says: /fills a list of 0 with a dict/ },
    {
      what: 'filling a class',
      pickle: `${dict}}b.`,
      says: /fills "collections.OrderedDict" with/,
    },
    {
      what: 'another codec',
      pickle: 'c_codecs\nencode\n(X\x01\0\0\0aX\x03\0\0\0zlbtR.',
      says: /encodes the text "a" as the text "zlb"/,
    },
    {
      what: 'an array of another class',
      pickle: `${reconstruct}(${dict}K\0\x85U\x01btR.`,
      says: /_reconstruct is called with "collections/,
    },
    {
      what: 'a type of an object',
      pickle: `${dtype}(${dict}tR.`,
      says: /dtype is called with "collections/,
    },
    {
      what: 'a type filled with a class',
      pickle: `${dtype}(U\x02f4K\0K\x01tR${dict}b.`,
      says: /dtype is filled with "collections/,
    },
    {
      what: 'an array filled with a class',
      pickle: `${reconstruct}(cnumpy\nndarray\nK\0\x85U\x01btR${dict}b.`,
      says: /array is filled with "collections/,
    },
    {
      what: 'an array whose type is a text',
      pickle: `${reconstruct}(cnumpy\nndarray\nK\0\x85U\x01btR(K\x01K\x01\x85U\x02f4\x89U\0tb.`,
      says: /array is filled with a tuple of 5/,
    },
    {
      what: 'hooks that are there',
      pickle: `${tensor}(${storage}K\0))\x89}(K\x01K\x01utR.`,
      says: /tensor is rebuilt from a storage/,
    },
    {
      what: 'a tensor of a class',
      pickle: `${tensor}(ctorch\nFloatStorage\nK\0))\x89NtR.`,
      says: /tensor is rebuilt from "torch.FloatStorage"/,
    },
    {
      what: 'a tensor with a class as offset',
      pickle: `${tensor}(${storage}${dict}))\x89NtR.`,
      says: /tensor is rebuilt/,
    },
    {
      what: 'a parameter of a dict',
      pickle: 'ctorch._utils\n_rebuild_parameter\n(}\x89NtR.',
      says: /parameter is rebuilt from a dict/,
    },
    { what: 'a storage that is filled', pickle: `${storage}}b.`, says: /storage is filled/ },
  ])('$what', ({ pickle, says }) => {
    expect(refusal(pickle)).toMatch(says);
  });

  test('the same calls with what PyTorch gives them', () => {
    expect(read(`${tensor}(${storage}K\0))\x89NtR.`)).toMatchObject({ description: 'a tensor' });
  });
});

describe('pickle: a valid payload followed by garbage (picklescan evasions)', () => {
  test.each([
    { what: 'a second pickle', tail: 'cos\nsystem\n)R.' },
    { what: 'a byte', tail: '\0' },
  ])('$what', ({ tail }) => {
    expect(refusal(`K\x01.${tail}`)).toMatch(/its pickle ends at byte 3, but there are \d+/);
  });
});

describe('pickle: memo bombs, billion laughs, huge BINPUT indices, LONG4 of gigabytes', () => {
  test('memo bomb: one value remembered again and again', () => {
    const puts = Array.from({ length: 256 }, (_, place) => `q${String.fromCharCode(place)}`);
    expect(refusal(`N${puts.join('').repeat(1600)}.`)).toMatch(
      /makes more than the limit of 4194304 bytes/,
    );
  });

  test('billion laughs: fifty levels of two are kept once', () => {
    const levels = Array.from({ length: 50 }, (_, index) => {
      const [below, above] = [String.fromCharCode(index), String.fromCharCode(index + 1)];
      return `h${below}h${below}\x86q${above}0`;
    });
    const laughs = read(`Nq\x000${levels.join('')}h\x32.`);
    expect(laughs instanceof PickleTuple && laughs.items[0] === laughs.items[1]).toBe(true);
  });

  test('nesting: lists within each other need no recursion', () => {
    expect(read(`${']'.repeat(20_000)}${'a'.repeat(19_999)}.`)).toBeInstanceOf(PickleList);
    expect(refusal(`${']'.repeat(200_000)}.`)).toMatch(/more than|wait on its stack/);
    expect(refusal(`${'('.repeat(200_000)}.`)).toMatch(/sets more than 100000 marks/);
  });

  test('huge BINPUT indices', () => {
    expect(refusal(`Nr${uint32(0xffffffff)}.`)).toMatch(
      /memo place 4294967295 is beyond the limit/,
    );
    expect(refusal('Np99999999999\n.')).toMatch(/memo place 99999999999 is beyond/);
    expect(refusal('Np-1\n.')).toMatch(/a memo place is no number/);
  });

  test('LONG4 of gigabytes', () => {
    expect(refusal(`\x8b${uint32(0x7fffffff)}`)).toMatch(
      /2147483647 bytes is longer than the limit of 255/,
    );
    expect(refusal(`\x8b${uint32(0xffffffff)}`)).toMatch(/needs -1 bytes/);
    expect(refusal(`L${'9'.repeat(700)}L\n.`)).toMatch(/no whole number/);
    expect(refusal(`L${'9'.repeat(5000)}L\n.`)).toMatch(/has no end within 1024 bytes/);
  });

  test('values by the million', () => {
    expect(refusal(`](${'(N'.repeat(10)}`)).toMatch(/an opcode/);
    expect(refusal(`]${'Na'.repeat(1_000_000)}.`)).toMatch(/makes more than the limit/);
    expect(refusal(`${'}0'.repeat(100_000)}.`)).toMatch(/makes more than the limit/);
  });

  test('one long tuple as the arguments of many calls', () => {
    const long = `(${'N'.repeat(50_000)}tq\x000`;
    expect(refusal(`${long}${'ccollections\nOrderedDict\nh\x00R0'.repeat(10_000)}N.`)).toMatch(
      /calls "collections.OrderedDict" with a tuple of 50000/,
    );
  });

  test('one text encoded again and again', () => {
    const text = `X${uint32(100_000)}${'a'.repeat(100_000)}q\x00`;
    const again = '0c_codecs\nencode\n(h\x00X\x06\0\0\0latin1tR'.repeat(1000);
    expect(refusal(`${text}${again}.`)).toMatch(/makes more than the limit of 4194304 bytes/);
  });
});
