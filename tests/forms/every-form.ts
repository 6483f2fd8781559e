import { createModel, type Model } from '@alexnet/core';
import {
  createRangeCollector,
  type ExportOptions,
  exportOnnx,
  listRangedValues,
  type Ranges,
} from '@alexnet/export';
import { type Classifier, loadModel, type PictureSource } from '@alexnet/runtime-node';
import { AGREEMENT_TOLERANCES } from '../golden/tolerances.ts';

/** A form of an export, and how near its answers are to the same network's in float32: a share of the largest. */
export interface Form {
  readonly options: ExportOptions;
  readonly tolerance: number;
}

const SAME = AGREEMENT_TOLERANCES.exportForm;
const HALF = AGREEMENT_TOLERANCES.halves;
const INTEGER = AGREEMENT_TOLERANCES.integers;

/** Every option of `alexnet export` that changes what a program has to give, or gets. */
export const EVERY_FORM: Readonly<Record<string, Form>> = {
  default: { options: {}, tolerance: SAME },
  'lrn conv': { options: { lrn: 'conv' }, tolerance: SAME },
  'output both': { options: { output: 'both' }, tolerance: SAME },
  'output probabilities': { options: { output: 'probabilities' }, tolerance: SAME },
  features: { options: { features: ['pool1', 'fc6'] }, tolerance: SAME },
  'batch 1': { options: { batch: 1 }, tolerance: SAME },
  'batch 3': { options: { batch: 3 }, tolerance: SAME },
  'embed preprocessing': { options: { embed: 'preprocessing' }, tolerance: SAME },
  'embed resize': { options: { embed: 'resize' }, tolerance: SAME },
  'embed resize, batch 3': { options: { embed: 'resize', batch: 3 }, tolerance: SAME },
  'dtype float16': { options: { dtype: 'float16' }, tolerance: HALF },
  'io float16': { options: { dtype: 'float16', io: 'float16' }, tolerance: HALF },
  'float16, embed resize': { options: { dtype: 'float16', embed: 'resize' }, tolerance: HALF },
  'weights float16': { options: { weights: 'float16' }, tolerance: SAME },
  'weights int8': { options: { weights: 'int8' }, tolerance: SAME },
  'dtype int8': { options: { dtype: 'int8' }, tolerance: INTEGER },
  'int8, embed resize': { options: { dtype: 'int8', embed: 'resize' }, tolerance: INTEGER },
};

/** Resized by the short side, cropped, normalised in groups: with a name of its own for each class. */
export const FORM_MODEL: Model = createModel('mini', {
  labels: Array.from({ length: 7 }, (_, index) => `kind ${index}`),
  widthMultiplier: 0.25,
  seed: 11,
});

export async function writeForm(
  { options }: Form,
  pictures: readonly PictureSource[],
): Promise<Uint8Array> {
  if (options.dtype !== 'int8') return exportOnnx(FORM_MODEL, options);
  return exportOnnx(FORM_MODEL, { ...options, ranges: await measureRanges(pictures) });
}

async function measureRanges(pictures: readonly PictureSource[]): Promise<Ranges> {
  const values = listRangedValues(FORM_MODEL).filter((name) => name !== 'image');
  const model = await loadModel(exportOnnx(FORM_MODEL, { features: values }), { device: 'cpu' });
  const collector = createRangeCollector('min-max');
  // What normalisation makes of levels 0 to 255.
  collector.add('image', Float32Array.of(-3, 3));
  for (const name of values) await addRange(model, name, pictures, collector);
  await model.dispose();
  return collector.finish();
}

async function addRange(
  model: Classifier<PictureSource>,
  name: string,
  pictures: readonly PictureSource[],
  collector: ReturnType<typeof createRangeCollector>,
): Promise<void> {
  for (const { data } of await model.features(name, pictures)) collector.add(name, data);
}
