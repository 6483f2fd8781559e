// A data set of one's own: an object with these members is one, wherever its pictures come from.
// Usage: node examples/data-sources/own-source.mjs
import { AlexNetError, createRandom } from '@alexnet/core';
import { createBadPictureLog, readBatches, splitDataset } from '@alexnet/data';

const SIDE = 16;

/** Stripes, drawn when they are asked for: across for even indices, down for odd ones. */
const stripes = {
  name: 'stripes',
  labels: ['across', 'down'],
  length: 40,
  // Known without reading, so that sizes can be checked before the first picture.
  channels: 1,
  pictureSize: { width: SIDE, height: SIDE },
  labelOf: (index) => index % 2,
  // What messages call a picture, and what it is known by: a split goes by the key, not by the place.
  nameOf: (index) => `stripes ${index}`,
  keyOf: (index) => `${index}`,
  readPicture: async (index) => {
    if (index === 7) {
      // INVALID_PICTURE, NOT_FOUND and IO are one picture's fault; any other error ends the reading.
      throw new AlexNetError('INVALID_PICTURE', { message: 'stripes 7 got wet' });
    }
    const width = 1 + Math.floor(index / 2);
    const pixels = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => {
      const place = index % 2 === 0 ? Math.floor(at / SIDE) : at % SIDE;
      return Math.floor(place / width) % 2 === 0 ? 255 : 0;
    });
    return { width: SIDE, height: SIDE, channels: 1, pixels };
  },
};

const { training, validation } = splitDataset(stripes, { validation: 0.2, seed: 0 });
const badPictures = createBadPictureLog(stripes);
for (const [part, dataset] of Object.entries({ training, validation })) {
  const counts = [0, 0];
  const batches = readBatches(dataset, {
    preprocessing: {
      resize: { mode: 'none' },
      crop: { height: SIDE, width: SIDE },
      channels: 'grey',
      scale: 1 / 255,
      mean: [0.5],
      std: [0.5],
    },
    batchSize: 8,
    random: createRandom(0).split(part),
    shuffle: part === 'training',
    badPictures,
  });
  for await (const { labels } of batches) for (const label of labels) counts[label] += 1;
  console.log(`${part}: ${counts[0]} across, ${counts[1]} down`);
}
for (const [name, reason] of badPictures.reasons) console.log(`skipped ${name}: ${reason}`);
