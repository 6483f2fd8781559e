// Opens whatever is at a path and reads one epoch of it in batches.
// Usage: node examples/data-sources/batches.mjs DATA   (a folder, an archive, a list, idx or CIFAR files)
import { createRandom } from '@alexnet/core';
import { AUGMENTATIONS, createBadPictureLog, readBatches, splitDataset } from '@alexnet/data';
import { openDataset } from '@alexnet/data/node';

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('Usage: node examples/data-sources/batches.mjs DATA');
  process.exit(2);
}

const opened = await openDataset(path);
console.log(
  `${opened.kind}: ${opened.training.length} pictures, ${opened.training.labels.length} classes`,
);
for (const sentence of opened.explanation) console.log(`  ${sentence}`);

// What the source keeps apart goes before a share of each class.
const { training, validation } = opened.validation
  ? opened
  : splitDataset(opened.training, { validation: 0.25, seed: 0 });

// No picture is skipped in silence: without `maxShare`, reading ends at more than a tenth.
const badPictures = createBadPictureLog(training, { maxShare: 0.5 });
const batches = readBatches(training, {
  preprocessing: {
    resize: { mode: 'short-side', size: 36, filter: 'bilinear', antialias: true },
    crop: { height: 32, width: 32 },
    channels: 'RGB',
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  batchSize: 16,
  random: createRandom(0).split('epoch', 0),
  shuffle: true,
  augmentation: AUGMENTATIONS.standard,
  badPictures,
});
let pictures = 0;
for await (const { images, labels, count } of batches) {
  pictures += count;
  console.log(`batch of ${count}: ${images.length} numbers, classes ${[...labels].join(' ')}`);
}
console.log(
  `${pictures} read, ${badPictures.count} skipped, ${validation.length} kept for validation`,
);
for (const [name, reason] of badPictures.reasons) console.log(`  ${name}: ${reason}`);
