/** How a parameter is filled before training. */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  /** Uniform in [−bound, bound]. */
  | { readonly kind: 'uniform'; readonly bound: number };
