// Cuts examples/data/fashion-mnist from the full Fashion-MNIST: the first 1,200 training and the
// first 200 test pictures of each class, in the order of the original files.
// Usage: node scripts/sample-fashion-mnist.mjs [folder with the four idx files]
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { root } from './processes.mjs';

const source = process.argv[2] ?? '/usr/share/datasets/fashion-mnist';
const target = join(root, 'examples', 'data', 'fashion-mnist');
const splits = [
  { name: 'train', perClass: 1200 },
  { name: 't10k', perClass: 200 },
];
const labels = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

const idxMagic = { labels: 0x0801, images: 0x0803 };

if (!existsSync(join(source, 'train-images-idx3-ubyte.gz'))) {
  process.stderr.write(
    `${source} holds no train-images-idx3-ubyte.gz. On Debian and Ubuntu:\n` +
      '  apt-get install dataset-fashion-mnist\n' +
      'Elsewhere, give the folder with the four files as the argument.\n',
  );
  process.exit(1);
}

mkdirSync(target, { recursive: true });
const sums = [];
for (const { name, perClass } of splits) {
  const allLabels = readIdx(`${name}-labels-idx1-ubyte.gz`, idxMagic.labels);
  const allImages = readIdx(`${name}-images-idx3-ubyte.gz`, idxMagic.images);
  if (allLabels.count !== allImages.count) {
    throw new Error(`${name}: ${allLabels.count} labels but ${allImages.count} pictures.`);
  }
  const chosen = chooseFirst(allLabels.items, perClass);
  writeIdx(`${name}-images-idx3-ubyte.gz`, allImages, chosen);
  writeIdx(`${name}-labels-idx1-ubyte.gz`, allLabels, chosen);
}
write('labels.txt', Buffer.from(`${labels.join('\n')}\n`));
writeFileSync(join(target, 'SHA256SUMS'), sums.sort().join(''));
process.stdout.write(sums.join(''));

/** Reads an idx file of bytes: header, items of `itemBytes` each. */
function readIdx(name, magic) {
  const bytes = gunzipSync(readFileSync(join(source, name)));
  const found = bytes.readUInt32BE(0);
  if (found !== magic) throw new Error(`${name}: magic ${found} instead of ${magic}.`);
  const headerBytes = 4 + 4 * (magic & 0xff);
  const count = bytes.readUInt32BE(4);
  const items = bytes.subarray(headerBytes);
  const itemBytes = items.length / count;
  if (!Number.isInteger(itemBytes))
    throw new Error(`${name}: ${items.length} bytes, ${count} items.`);
  return { header: bytes.subarray(0, headerBytes), count, items, itemBytes };
}

/** The indices of the first `perClass` items of each class, in rising order. */
function chooseFirst(classes, perClass) {
  const taken = new Array(labels.length).fill(0);
  const chosen = [];
  classes.forEach((label, index) => {
    if (taken[label] === perClass) return;
    taken[label] += 1;
    chosen.push(index);
  });
  const short = taken.findIndex((count) => count < perClass);
  if (short !== -1) throw new Error(`Only ${taken[short]} pictures of "${labels[short]}".`);
  return chosen;
}

function writeIdx(name, { header, items, itemBytes }, chosen) {
  const newHeader = Buffer.from(header);
  newHeader.writeUInt32BE(chosen.length, 4);
  const parts = chosen.map((index) => items.subarray(index * itemBytes, (index + 1) * itemBytes));
  // Node writes no time into the gzip header; the byte of the operating system is set to "unknown".
  const packed = gzipSync(Buffer.concat([newHeader, ...parts]), { level: 9 });
  packed[9] = 0xff;
  write(name, packed);
}

function write(name, bytes) {
  writeFileSync(join(target, name), bytes);
  sums.push(`${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);
}
