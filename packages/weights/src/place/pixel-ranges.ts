import { isMeanImage, type Preprocessing } from '@alexnet/core';

/** What becomes of a pixel from 0 to 255, in the order RGB: value · scale, less the mean, divided by the deviation. */
interface PixelRangeDefinition {
  /** In short. */
  readonly title: string;
  readonly scale: number;
  readonly mean: readonly number[] | 'picture';
  readonly std: readonly number[];
}

const ONES = [1, 1, 1];

/** The ways that people feed AlexNets: as Caffe does, with one mean for each picture, as the pixels are, and so on. */
export const PIXEL_RANGES = [
  'caffe',
  'own-mean',
  'bytes',
  'torchvision',
  'unit',
  'signed',
] as const;
export type PixelRange = (typeof PIXEL_RANGES)[number];

const RANGES: Readonly<Record<PixelRange, PixelRangeDefinition>> = {
  caffe: { title: '0–255 less 123, 117, 104', scale: 1, mean: [123, 117, 104], std: ONES },
  'own-mean': { title: "0–255 less the picture's mean", scale: 1, mean: 'picture', std: ONES },
  bytes: { title: '0–255', scale: 1, mean: [0, 0, 0], std: ONES },
  torchvision: {
    title: "0–1, torchvision's mean and std",
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  unit: { title: '0–1', scale: 1 / 255, mean: [0, 0, 0], std: ONES },
  signed: { title: '−1–1', scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
};

export function titleOfRange(range: PixelRange): string {
  return RANGES[range].title;
}

/** The same preparation with another range of pixels, in the order of channels that it has. */
export function withPixelRange(preprocessing: Preprocessing, range: PixelRange): Preprocessing {
  const { scale, mean, std } = RANGES[range];
  const arrange = (values: readonly number[]): readonly number[] => {
    if (preprocessing.channels === 'grey') return [values.reduce((sum, each) => sum + each, 0) / 3];
    return preprocessing.channels === 'BGR' ? values.toReversed() : values;
  };
  const centre = mean === 'picture' ? mean : arrange(mean);
  return { ...preprocessing, scale, mean: centre, std: arrange(std) };
}

/** How far apart means may be, in 0–255, and be the same way: Caffe's and VGG's. */
const NEAR = 1;

/** Whether two preparations feed the same numbers, as far as a network can tell. */
export function isSameRange(a: Preprocessing, b: Preprocessing): boolean {
  if (a.channels !== b.channels || Math.abs(a.scale - b.scale) > 1e-9) return false;
  return (
    isSameMean(a, b) && a.std.every((value, c) => Math.abs(value - (b.std[c] ?? 1)) <= 1e-3 * value)
  );
}

function isSameMean({ mean, scale }: Preprocessing, { mean: other }: Preprocessing): boolean {
  if (mean === 'picture' || other === 'picture') return mean === other;
  if (isMeanImage(mean)) return isMeanImage(other) && mean.float32 === other.float32;
  if (isMeanImage(other)) return false;
  return mean.every((value, c) => Math.abs(value - (other[c] ?? 0)) <= NEAR * scale);
}
