import { describe, expect, test } from 'vitest';
import { readZip } from './read-zip.ts';
import { writeZip } from './write-zip.ts';

const text = (value: string) => new TextEncoder().encode(value);

describe('writeZip', () => {
  const bytes = writeZip([
    { name: 'a/data.pkl', parts: [text('first '), text('content')] },
    { name: 'größe', parts: [] },
    { name: 'b', parts: [text('123456789')] },
  ]);

  test('is read back, each content a view at a multiple of 64 bytes', async () => {
    const archive = readZip(bytes, 'a.zip');
    const contents = await Promise.all([...archive.values()].map((entry) => entry.read()));
    expect([...archive.keys()]).toEqual(['a/data.pkl', 'größe', 'b']);
    expect(contents.map((content) => new TextDecoder().decode(content))).toEqual([
      'first content',
      '',
      '123456789',
    ]);
    expect(contents.map(({ byteOffset }) => byteOffset % 64)).toEqual([0, 0, 0]);
    expect(contents.every(({ buffer }) => buffer === bytes.buffer)).toBe(true);
  });

  test('the same content gives the same bytes', () => {
    expect(writeZip([])).toEqual(Uint8Array.of(0x50, 0x4b, 5, 6, ...new Uint8Array(18)));
    expect(bytes.subarray(0, 8)).toEqual(Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 8));
  });
});
