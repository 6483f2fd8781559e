import { type Preprocessing, softmax } from '@alexnet/core';
import { createPreprocessor, type Picture } from '@alexnet/data';
import { outputOf, type Session } from '@alexnet/runtime';

/** How well a network gets on with pictures that were prepared in one way. */
export interface TrialFigures {
  /** Mean probability of the most likely class. */
  readonly confidence: number;
  /** Share of the pictures that get the same class as their mirror images. */
  readonly agreement: number;
  /** Share that get their own class; `null` where classes are not known. */
  readonly accuracy: number | null;
  /**
   * How well the network seems to see, 0 to 2; no accuracy is needed for it. Agreement less what chance makes of it
   * (Cohen's κ), and how much predictions tell pictures apart: their mutual information, as a share of what so many
   * pictures can give, with scores brought to one spread. A network that says the same of everything gets 0, however
   * sure it is; pixels in 0–255 in place of 0–1 make it sure, but not better.
   */
  readonly score: number;
}

const BATCH = 8;

/** Spread that scores are brought to: that of a network that was trained on a thousand classes. */
const SPREAD = 4;

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
  const tops = straight.map(indexOfLargest);
  const mirroredTops = mirrored.map(indexOfLargest);
  const count = pictures.length;
  const share = (isCounted: (index: number) => boolean) =>
    tops.filter((_, index) => isCounted(index)).length / count;
  const agreement = share((index) => tops[index] === mirroredTops[index]);
  const probabilities = straight.map((row, index) => softmaxOf(row)[tops[index] ?? 0] ?? 0);
  return {
    confidence: probabilities.reduce((sum, each) => sum + each, 0) / count,
    agreement,
    accuracy: classes ? share((index) => tops[index] === classes[index]) : null,
    score:
      withoutChance(agreement, tops, mirroredTops) + measureInformation(straight) / Math.log(count),
  };
}

/** Cohen's κ, at least 0. */
function withoutChance(agreement: number, a: readonly number[], b: readonly number[]): number {
  const frequency = (list: readonly number[], value: number) =>
    list.filter((each) => each === value).length / list.length;
  const chance = [...new Set(a)].reduce(
    (sum, top) => sum + frequency(a, top) * frequency(b, top),
    0,
  );
  return chance < 1 ? Math.max(0, (agreement - chance) / (1 - chance)) : 0;
}

/** Entropy of the mean prediction less the mean entropy, in nats, of scores of one spread. */
function measureInformation(scores: readonly Float64Array[]): number {
  const centred = scores.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    return row.map((value) => value - mean);
  });
  const values = centred.length * (centred[0]?.length ?? 0);
  const squares = centred.reduce((sum, row) => sum + row.reduce((all, v) => all + v * v, 0), 0);
  const spread = Math.sqrt(squares / Math.max(1, values));
  if (!(spread > 0 && Number.isFinite(spread))) return 0;
  const predictions = centred.map((row) => softmaxOf(row.map((v) => (v * SPREAD) / spread)));
  const mean = new Float64Array(centred[0]?.length ?? 0);
  for (const row of predictions) {
    for (const [index, value] of row.entries()) {
      mean[index] = (mean[index] ?? 0) + value / predictions.length;
    }
  }
  const entropy = predictions.reduce((sum, row) => sum + entropyOf(row), 0) / predictions.length;
  return Math.max(0, entropyOf(mean) - entropy);
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
    const tensors = await session.run(values, batch.length);
    const scores = outputOf(tensors, output.name).data;
    const classes = scores.length / batch.length;
    for (let row = 0; row < batch.length; row += 1) {
      const own = scores.subarray(row * classes, (row + 1) * classes);
      // The logarithm of a probability is a score again.
      found.push(
        Float64Array.from(own, (value) =>
          output.name === 'probabilities' ? Math.log(Math.max(value, 1e-30)) : value,
        ),
      );
    }
  }
  return found;
}

/** Scores that run over are no prediction: all classes alike. */
function softmaxOf(scores: Float64Array): Float64Array {
  const values = softmax(Float32Array.from(scores));
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
