import { createRandom } from '@alexnet/core';
import type { Dataset } from '@alexnet/data';

const SIDE = 80;

/** 24 pictures of stripes that rise or fall, over noise: made anywhere, the same everywhere. */
export function createStripes(labels: readonly string[]): Dataset {
  return {
    name: 'stripes',
    labels,
    length: 24,
    labelOf: (index) => index % labels.length,
    nameOf: (index) => `picture ${index}`,
    keyOf: String,
    readPicture: async (index) => {
      const random = createRandom(5).split('stripes', index);
      const slope = index % labels.length === 0 ? 1 : -1;
      const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => {
        const pixel = Math.floor(at / 3);
        const place = (pixel % SIDE) + slope * Math.floor(pixel / SIDE);
        return (((place % 16) + 16) % 16 < 8 ? 40 : 160) + random.integer(60);
      });
      return { width: SIDE, height: SIDE, channels: 3, pixels };
    },
  };
}
