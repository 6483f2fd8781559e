import { AlexNetError, type Model, sizeOf } from '@alexnet/core';
import { createPreprocessor, type Dataset } from '@alexnet/data';
import { openDataset } from '@alexnet/data/node';
import {
  type CalibrationMethod,
  createRangeCollector,
  type ExportOptions,
  exportOnnx,
  listRangedValues,
  type Ranges,
} from '@alexnet/export';
import { openSession } from '@alexnet/runtime-node';
import { createProgress } from '../terminal/progress.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface MeasureOptions {
  /** A folder of pictures. */
  readonly folder: string;
  readonly method: CalibrationMethod;
  readonly terminal: Terminal;
}

/** Pictures that ranges are measured on: more change them by less than their rounding. */
const PICTURES = 128;
const BATCH = 8;

/**
 * Runs a model over pictures and notes between what its layers' values lie, for an export in int8.
 *
 * @param options - of that export
 * @throws {@link AlexNetError} what reading the pictures throws; `NUMERIC` naming a layer that gives no numbers
 */
export async function measureRanges(
  model: Model,
  options: ExportOptions,
  { folder, method, terminal }: MeasureOptions,
): Promise<Ranges> {
  const values = listRangedValues(model, options);
  const layers = values.filter((name) => name !== INPUT);
  const bytes = exportOnnx(model, { features: layers });
  const { training } = await openDataset(resolvePath(folder));
  const pictures = choosePictures(training);
  const progress = createProgress(terminal, {
    label: 'calibrating',
    total: pictures.length,
    unit: 'pictures',
  });
  const session = await openSession(bytes, { name: 'the model', device: 'cpu' });
  try {
    const collector = createRangeCollector(method);
    for (let first = 0; first < pictures.length; first += BATCH) {
      const batch = pictures.slice(first, first + BATCH);
      const input = await readInput(training, batch, model);
      const outputs = await session.run(input, batch.length, layers);
      if (values.includes(INPUT)) collector.add(INPUT, input);
      for (const [name, { data }] of outputs) collector.add(name, data);
      progress.update(first + batch.length);
    }
    progress.finish();
    return collector.finish();
  } finally {
    await session.dispose();
  }
}

/** Name of the input in the files that we write. */
const INPUT = 'image';

/** Spread over the data set, which stands in the order of its classes. */
function choosePictures({ length }: Dataset): readonly number[] {
  if (length === 0) {
    throw new AlexNetError('INVALID_DATASET', {
      message: 'There are no pictures to calibrate on.',
      hint: 'Give a folder of pictures like those that the model is for; a hundred are enough.',
    });
  }
  const count = Math.min(PICTURES, length);
  return Array.from({ length: count }, (_, i) => Math.floor((i * length) / count));
}

async function readInput(
  dataset: Dataset,
  indices: readonly number[],
  { graph, metadata }: Model,
): Promise<Float32Array> {
  const size = sizeOf(graph.input.shape);
  const input = new Float32Array(indices.length * size);
  const preprocessor = createPreprocessor(metadata.preprocessing);
  for (const [place, index] of indices.entries()) {
    preprocessor.write(await dataset.readPicture(index), input, { offset: place * size });
  }
  return input;
}
