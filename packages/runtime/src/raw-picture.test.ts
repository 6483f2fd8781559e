import { expect, test } from 'vitest';
import { toPicture } from './raw-picture.ts';

test('drops alpha and leaves the colours as they are', () => {
  const pixels = Uint8ClampedArray.of(1, 2, 3, 0, 4, 5, 6, 255);
  expect(toPicture({ width: 2, height: 1, channels: 4, pixels })).toEqual({
    width: 2,
    height: 1,
    channels: 3,
    pixels: Uint8Array.of(1, 2, 3, 4, 5, 6),
  });
});

test('shares the memory of grey and RGB pixels', () => {
  const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6);
  expect(toPicture({ width: 2, height: 1, channels: 3, pixels }).pixels).toBe(pixels);
  expect(toPicture({ width: 3, height: 2, channels: 1, pixels }).pixels).toBe(pixels);
});

test.each([
  ['RGBA', { width: 2, height: 2, channels: 4 }, /4 channels are 16 bytes, but 12/],
  ['RGB', { width: 2, height: 3, channels: 3 }, /3 channels are 18 bytes, but 12/],
] as const)('says both numbers when %s pixels do not fill the sides', (_, sides, message) => {
  const call = () => toPicture({ ...sides, pixels: new Uint8Array(12) });
  expect(call).toThrow(
    expect.objectContaining({ code: 'INVALID_PICTURE', message: expect.stringMatching(message) }),
  );
});

test('refuses sides that are none', () => {
  const pixels = new Uint8Array(0);
  const call = () => toPicture({ width: 0, height: 0, channels: 4, pixels });
  expect(call).toThrow(expect.objectContaining({ code: 'INVALID_PICTURE' }));
});
