import type { Shape } from '../tensor.ts';

/** How a parameter is filled before training. */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  /**
   * N(mean, std²), drawn again while it lies more than two std from the mean: TensorFlow's `truncated_normal`.
   * What comes out has a deviation of 0.88 std.
   */
  | { readonly kind: 'truncated-normal'; readonly mean: number; readonly std: number }
  /** Uniform in [−bound, bound]. */
  | { readonly kind: 'uniform'; readonly bound: number };

/** How many values one output of a layer is made of, and how many outputs one value goes into. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** @param weightShape - [out, in / group, kH, kW] of a convolution, [out, in] of a fully connected layer */
export function fansOf([out = 1, inChannels = 1, ...kernel]: Shape): Fans {
  const positions = kernel.reduce((product, length) => product * length, 1);
  return { fanIn: inChannels * positions, fanOut: out * positions };
}

/** N(mean, std²); a mean of 0 unless given. */
export function normal(std: number, mean = 0): Initializer {
  return { kind: 'normal', mean, std };
}

/** N(0, std²) without what lies beyond two std. */
export function truncatedNormal(std: number): Initializer {
  return { kind: 'truncated-normal', mean: 0, std };
}

/** Uniform in [−bound, bound]. */
export function uniform(bound: number): Initializer {
  return { kind: 'uniform', bound };
}

export function constant(value: number): Initializer {
  return { kind: 'constant', value };
}

/** N(0, 2 / fan-in): He et al. 2015, eq. 10; or a share of its deviation. */
export function heNormal({ fanIn }: Fans, share = 1): Initializer {
  return normal(share * Math.sqrt(2 / fanIn));
}

/** Uniform in ±√(6 / (fan-in + fan-out)): Glorot & Bengio 2010, eq. 16 */
export function glorotUniform({ fanIn, fanOut }: Fans): Initializer {
  return uniform(Math.sqrt(6 / (fanIn + fanOut)));
}
