import { expect, test } from 'vitest';
import { checkPlatform, type Platform } from './check-platform.ts';

const LINUX: Platform = { system: 'linux', architecture: 'x64', glibc: '2.36' };

test('Linux x64 with glibc 2.27 or newer will do', () => {
  for (const glibc of ['2.27', '2.36', '3.0']) checkPlatform({ ...LINUX, glibc });
});

test.each<[Partial<Platform>, RegExp]>([
  [{ system: 'darwin', architecture: 'arm64', glibc: null }, /Linux x64, and this is macOS arm64/],
  [{ system: 'win32', glibc: null }, /Linux x64, and this is Windows x64/],
  [{ architecture: 'arm64' }, /Linux x64, and this is Linux arm64/],
  [{ glibc: '2.26' }, /glibc 2\.27 or newer, and this system has glibc 2\.26/],
  [{ glibc: null }, /glibc 2\.27 or newer, and this system has another C library/],
])('%o is told what to use in its place', (platform, message) => {
  expect(() => checkPlatform({ ...LINUX, ...platform })).toThrowError(
    expect.objectContaining({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('onnxruntime'),
    }),
  );
});
