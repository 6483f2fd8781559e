import { type Preprocessing, softmax } from '@alexnet/core';
import { createPreprocessor, type Picture } from '@alexnet/data';
import type { Session } from '@alexnet/runtime';

/** How well a network gets on with pictures that were prepared in one way. */
export interface TrialFigures {
  /** Mean probability of the most likely class. */
  readonly confidence: number;
  /** Share of the pictures that get the same class as their mirror images. */
  readonly agreement: number;
  /** Share that get their own class; `null` where classes are not known. */
  readonly accuracy: number | null;
  /**
   * What a prediction tells, in nats: entropy of the mean prediction less the mean entropy. High only if
   * predictions are sure **and** differ from picture to picture: a network that sees the same in all is sure as well.
   */
  readonly information: number;
}

const BATCH = 8;

/** Runs a network on pictures and their mirror images. */
export async function measureTrial(
  session: Session,
  preprocessing: Preprocessing,
  {
    pictures,
    classes,
  }: { readonly pictures: readonly Picture[]; readonly classes: readonly number[] | null },
): Promise<TrialFigures> {
  const straight = await predict(session, preprocessing, pictures);
  const mirrored = await predict(session, preprocessing, pictures.map(mirror));
  const count = pictures.length;
  const length = straight[0]?.length ?? 0;
  const mean = new Float64Array(length);
  let [confidence, agreement, correct, entropy] = [0, 0, 0, 0];
  for (const [index, probabilities] of straight.entries()) {
    const top = indexOfLargest(probabilities);
    confidence += (probabilities[top] ?? 0) / count;
    if (top === indexOfLargest(mirrored[index] ?? [])) agreement += 1 / count;
    if (top === classes?.[index]) correct += 1 / count;
    entropy += entropyOf(probabilities) / count;
    for (const [c, value] of probabilities.entries()) mean[c] = (mean[c] ?? 0) + value / count;
  }
  const information = Math.max(0, entropyOf(mean) - entropy);
  return { confidence, agreement, accuracy: classes ? correct : null, information };
}

async function predict(
  session: Session,
  preprocessing: Preprocessing,
  pictures: readonly Picture[],
): Promise<readonly Float64Array[]> {
  const { input, output } = session.info;
  const size = input.shape.slice(1).reduce<number>((product, axis) => product * Number(axis), 1);
  const preprocessor = createPreprocessor(preprocessing);
  const found: Float64Array[] = [];
  for (let begin = 0; begin < pictures.length; begin += BATCH) {
    const batch = pictures.slice(begin, begin + BATCH);
    const values = new Float32Array(batch.length * size);
    for (const [index, picture] of batch.entries()) {
      preprocessor.write(picture, values, { offset: index * size });
    }
    const scores = await session.run(values, batch.length);
    const classes = scores.length / batch.length;
    for (let row = 0; row < batch.length; row += 1) {
      const own = scores.subarray(row * classes, (row + 1) * classes);
      found.push(output.name === 'probabilities' ? Float64Array.from(own) : softmaxOf(own));
    }
  }
  return found;
}

/** Scores that run over are no prediction: all classes alike. */
function softmaxOf(scores: Float32Array): Float64Array {
  const values = Float64Array.from(softmax(scores));
  return values.every(Number.isFinite) ? values : values.fill(1 / values.length);
}

function mirror({ width, height, channels, pixels }: Picture): Picture {
  const turned = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * channels;
      const to = (y * width + width - 1 - x) * channels;
      for (let c = 0; c < channels; c += 1) turned[to + c] = pixels[from + c] ?? 0;
    }
  }
  return { width, height, channels, pixels: turned };
}

function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) {
    if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  }
  return best;
}

function entropyOf(probabilities: Float64Array): number {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}
