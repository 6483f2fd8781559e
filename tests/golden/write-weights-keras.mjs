// The files that check_weights_keras.py gives to Keras, written by this project from Keras's own golden files.
//
//     node write-weights-keras.mjs OUTPUT_FOLDER

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKeras, writeKerasWeights } from '@alexnet/weights';

const FILES = [
  { name: 'keras3.weights.h5', from: 'keras3-model.keras', form: 'keras3' },
  { name: 'keras3-legacy.h5', from: 'keras3-model.keras', form: 'legacy' },
  { name: 'keras2-legacy.h5', from: 'keras2-tensorflow-model.h5', form: 'legacy' },
];

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
for (const { name, from, form } of FILES) {
  const bytes = readFileSync(new URL(`weights/keras/${from}`, import.meta.url));
  const { tensors } = await readKeras({ name: from, bytes, sibling: async () => null });
  const arrays = new Map(
    [...tensors].map(([array, tensor]) => [
      array,
      { shape: tensor.shape, data: tensor.toFloat32() },
    ]),
  );
  writeFileSync(join(folder, name), writeKerasWeights(arrays, { form }));
}
