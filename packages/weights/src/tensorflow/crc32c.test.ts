import { expect, test } from 'vitest';
import { createCrc32c, maskCrc } from './crc32c.ts';

const crc = createCrc32c();
const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);

// RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRCs.
test.each([
  { what: 'zeros', bytes: new Uint8Array(32), sum: 0x8a9136aa },
  { what: 'ones', bytes: new Uint8Array(32).fill(0xff), sum: 0x62a8ab43 },
  { what: 'ascending', bytes: ascending, sum: 0x46dd794e },
  { what: 'descending', bytes: ascending.toReversed(), sum: 0x113fdb5c },
  { what: '123456789', bytes: new TextEncoder().encode('123456789'), sum: 0xe3069283 },
  { what: 'nothing', bytes: new Uint8Array(), sum: 0 },
])('$what', ({ bytes, sum }) => {
  expect(crc(bytes)).toBe(sum);
});

test('is the same wherever the bytes lie', () => {
  const shifted = new Uint8Array(35);
  shifted.set(ascending, 3);
  expect(crc(shifted.subarray(3))).toBe(0x46dd794e);
});

test("LevelDB's mask", () => {
  // ((crc >> 15) | (crc << 17)) + 0xa282ead8, by hand for 1.
  expect(maskCrc(1)).toBe((0x20000 + 0xa282ead8) >>> 0);
  expect(maskCrc(0)).toBe(0xa282ead8);
});
