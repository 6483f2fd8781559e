import { inflateSync } from 'node:zlib';
import type { Picture } from '@alexnet/data';
import { expect } from 'vitest';
import { PICTURE_EXCEPTIONS } from './exceptions.ts';
import {
  type GoldenCases,
  openGoldenBytes,
  readEncoded,
  readGoldenCases,
} from './read-pictures.ts';

/** A file of `encoded/`, and what came of it somewhere: pixels, and the network's input. */
export interface Decoded {
  readonly file: string;
  readonly picture: Picture;
  readonly input: Float32Array;
}

type Golden = GoldenCases['decoded'][number];

const golden = openGoldenBytes();
const byFile = new Map<string, Golden>(readGoldenCases().decoded.map((item) => [item.file, item]));

/** Holds a decoder to Pillow and torchvision, bit for bit, but for the exceptions that have a name. */
export function expectDecoded(
  decoder: 'node' | 'chromium',
  { file, picture, input }: Decoded,
): void {
  const exception = PICTURE_EXCEPTIONS[decoder][file];
  const pillow = golden.picture(goldenOf(file).result);
  switch (exception?.kind) {
    case undefined:
      expect(picture, file).toEqual(pillow);
      expect(input, file).toEqual(golden.tensor(goldenOf(file).input));
      return;
    case 'as-stored':
      expect(picture, file).toEqual(golden.picture(goldenOf(exception.like).result));
      expect(input, file).toEqual(golden.tensor(goldenOf(exception.like).input));
      return;
    case 'upper-byte':
      expect(picture, file).toEqual({ ...pillow, pixels: readUpperBytes('grey-16.png') });
      return;
    case 'levels': {
      const { width, height, channels } = pillow;
      expect(picture, file).toMatchObject({ width, height, channels });
      const off = pillow.pixels.map((value, i) => Math.abs(value - (picture.pixels[i] ?? 0)));
      expect(Math.max(...off), file).toBe(exception.levels);
      return;
    }
    default:
      exception satisfies never;
  }
}

function goldenOf(file: string): Golden {
  const found = byFile.get(file);
  if (found === undefined) throw new Error(`There is no golden file ${file}.`);
  return found;
}

/** Of a 16-bit grey PNG whose rows are unfiltered and in one chunk, as make_pictures.py writes it. */
function readUpperBytes(file: string): Uint8Array {
  const bytes = readEncoded(file);
  const view = new DataView(bytes.buffer);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const data = 8 + 25;
  const rows = inflateSync(bytes.subarray(data + 8, data + 8 + view.getUint32(data)));
  const rowBytes = 1 + 2 * width;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const row = Math.floor(i / width);
    return rows[row * rowBytes + 1 + 2 * (i % width)] ?? 0;
  });
}
