import type { Preprocessing, Tensor } from '@alexnet/core';
import { createPreprocessor } from '@alexnet/data';
import { inferPictureShape, outputOf, type Session } from '@alexnet/runtime';

/**
 * Largest difference of WebGPU's output from WASM's, as a share of the largest value. Measured on a right device:
 * 1.1e-6 (SwiftShader); drivers that round or approximate differently stay below 1e-4; what is wrong is off by whole
 * units.
 */
const TOLERANCE = 1e-3;

/** 2³² divided by the golden ratio: its multiples are spread evenly over all levels, and no two rows are alike. */
const GOLDEN = 2_654_435_769;

/** Input of one run of a model: a made-up picture, preprocessed as any would be. */
export interface CheckInput {
  readonly values: Float32Array;
  readonly batchSize: number;
}

/** @param preprocessing - the model's, where it says so; else values lie about 0, as normalised pictures do */
export function makeCheckInput(
  { info }: Session,
  preprocessing: Preprocessing | undefined,
): CheckInput {
  const [channels, height, width] = inferPictureShape(info.input, 'The model');
  const [batch] = info.input.shape;
  const batchSize = typeof batch === 'number' ? batch : 1;
  const size = channels * height * width;
  const pixels = Uint8Array.from({ length: size }, (_, index) => Math.imul(index, GOLDEN) >>> 24);
  const isGrey = channels === 1;
  const fits = preprocessing !== undefined && (preprocessing.channels === 'grey') === isGrey;
  const preprocessor = createPreprocessor({
    channels: isGrey ? 'grey' : 'RGB',
    scale: 1 / 255,
    mean: Array.from({ length: channels }, () => 0.5),
    std: Array.from({ length: channels }, () => 0.25),
    ...(fits ? preprocessing : {}),
    resize: { mode: 'none' },
    crop: { height, width },
  });
  const values = new Float32Array(batchSize * size);
  for (let row = 0; row < batchSize; row++) {
    const picture = { width, height, channels: isGrey ? 1 : 3, pixels } as const;
    preprocessor.write(picture, values, { offset: row * size });
  }
  return { values, batchSize };
}

export async function runCheck(session: Session, input: CheckInput): Promise<Tensor> {
  // Its own copy: a session may keep what it is given until the run is over.
  const outputs = await session.run(input.values.slice(), input.batchSize);
  return outputOf(outputs, session.info.output.name);
}

/** What is wrong with a device's output, measured against the right one; `null` if nothing is. */
export function findFault(actual: Tensor, expected: Tensor): string | null {
  let largest = 0;
  let difference = 0;
  for (const [index, value] of expected.data.entries()) {
    const off = Math.abs((actual.data[index] ?? Number.NaN) - value);
    if (Number.isNaN(off)) return `${actual.data[index]} in place of ${value}`;
    difference = Math.max(difference, off);
    largest = Math.max(largest, Math.abs(value));
  }
  if (difference <= TOLERANCE * largest) return null;
  return `values that are off by ${difference.toPrecision(3)}, where the largest is ${largest.toPrecision(3)}`;
}
