import { describe, expect, test } from 'vitest';
import type { Fields, FieldValue } from './fields.ts';
import { parseTextFormat } from './text-format.ts';

/** A tenth of one with nothing else to do; what does not end takes minutes. */
const SECONDS_ON_A_BUSY_MACHINE = 10;

/** As lists, to compare. */
function plain(fields: Fields): readonly unknown[] {
  const show = (value: FieldValue) => (typeof value === 'object' ? plain(value) : value);
  return [...fields].map(([name, values]) => [name, ...values.map(show)]);
}

describe('parseTextFormat', () => {
  test.each([
    { what: 'nothing', text: '  # only a remark', fields: [] },
    {
      what: 'numbers',
      text: 'a: 1 b: -2.5e3 c: .5 d: 1e-4f e: - 7',
      fields: [
        ['a', 1],
        ['b', -2500],
        ['c', 0.5],
        ['d', 1e-4],
        ['e', -7],
      ],
    },
    {
      what: 'other bases',
      text: 'a: 0x1F b: 010 c: 0',
      fields: [
        ['a', 31],
        ['b', 8],
        ['c', 0],
      ],
    },
    { what: 'infinities', text: 'a: -inf', fields: [['a', Number.NEGATIVE_INFINITY]] },
    {
      what: 'names and truths',
      text: 'pool: MAX a: true b: false',
      fields: [
        ['pool', 'MAX'],
        ['a', true],
        ['b', false],
      ],
    },
    {
      what: 'texts',
      text: `a: "x\\ty" b: 'it"s' c: "\\101\\x42\\n\\\\"`,
      fields: [
        ['a', 'x\ty'],
        ['b', 'it"s'],
        ['c', 'AB\n\\'],
      ],
    },
    {
      what: 'texts one behind the other',
      text: 'a: "con" "v1"\n \'x\' b: 1',
      fields: [
        ['a', 'conv1x'],
        ['b', 1],
      ],
    },
    {
      what: 'messages in every spelling',
      text: 'a { b: 1 } a: { b: 2 } a < b: 3 > a: < >',
      fields: [['a', [['b', 1]], [['b', 2]], [['b', 3]], []]],
    },
    {
      what: 'separators',
      text: 'a: 1, b: 2; c { d: 1; }; e: 3',
      fields: [
        ['a', 1],
        ['b', 2],
        ['c', [['d', 1]]],
        ['e', 3],
      ],
    },
    {
      what: 'lists',
      text: 'dim: [1, 3, 227] dim: 4 none: []',
      fields: [['dim', 1, 3, 227, 4], ['none']],
    },
    { what: 'remarks anywhere', text: 'a: # one\n 1 # two\r\n', fields: [['a', 1]] },
    { what: 'a mark of the byte order', text: '\ufeffname: "n"', fields: [['name', 'n']] },
  ])('$what', ({ text, fields }) => {
    expect(plain(parseTextFormat(text))).toEqual(fields);
  });

  test('CVE-2022-25878, CVE-2023-36665: `__proto__`, `constructor` as field names are names like others', () => {
    const fields = parseTextFormat('__proto__ { polluted: true } constructor: "x" toString: 1');
    expect(plain(fields)).toEqual([
      ['__proto__', [['polluted', true]]],
      ['constructor', 'x'],
      ['toString', 1],
    ]);
    expect('polluted' in {}).toBe(false);
    expect(fields.get('hasOwnProperty')).toBeUndefined();
  });

  test.each([
    {
      what: 'a message without end',
      text: 'a {\n b: 1',
      says: 'line 2, column 6: a field or "}" should be here, but there is the end',
    },
    {
      what: 'another bracket',
      text: 'a { b: 1 >',
      says: 'line 1, column 10: a field or "}" should be here, but there is ">"',
    },
    {
      what: 'a field without a value',
      text: 'a b',
      says: '":" or "{" should follow "a", but there is "b"',
    },
    { what: 'no value', text: 'a: }', says: 'a value should be here, but there is "}"' },
    {
      what: 'a text without end',
      text: 'a: "x\n"',
      says: 'line 1, column 4: a text should end on its line',
    },
    { what: 'a minus before a text', text: 'a: -"x"', says: 'a number should follow "-"' },
    {
      what: 'a list without commas',
      text: 'a: [1 2]',
      says: '"," or "]" should be here, but there is "2"',
    },
    {
      what: 'an extension',
      text: '[caffe.ext]: 1',
      says: 'a field should be here, but there is "["',
    },
    {
      what: 'a binary file',
      text: '\u0008\u0012\u0000',
      says: 'line 1, column 1: a field or a value should be here, but there is "\\b"',
    },
  ])('$what: refused', ({ text, says }) => {
    expect(() => parseTextFormat(text)).toThrowError(
      expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringContaining(says) }),
    );
  });

  test.each([
    { what: 'messages 10⁵ deep', text: 'a{'.repeat(100_000), says: 'more than 100 messages' },
    { what: '200,000 fields', text: 'a:1 '.repeat(200_000), says: 'more than 100000 fields' },
    {
      what: 'a list of 400,000',
      text: `a:[${'1,'.repeat(400_000)}1]`,
      says: 'more than 100000 values',
    },
    { what: '2 MB', text: ' '.repeat(2_000_000), says: 'has 2000000 characters' },
    { what: 'half a million remarks', text: `${'#\n'.repeat(500_000)}}`, says: 'line 500001' },
    {
      what: 'a text of a megabyte',
      text: `a: "${'x'.repeat(1_000_000)}`,
      says: 'should end on its line',
    },
    { what: 'minus signs', text: `a: ${'-'.repeat(1_000_000)}`, says: 'a number should follow' },
  ])('$what: refused, and soon', ({ text, says }) => {
    const start = performance.now();
    expect(() => parseTextFormat(text)).toThrowError(says);
    expect(performance.now() - start).toBeLessThan(SECONDS_ON_A_BUSY_MACHINE * 1000);
  });
});
