import type { TensorFlow, Value } from '../tensorflow.ts';

/** What the update of one parameter goes by. Scalars are those of autodiff's `updateScalars`. */
export interface UpdateOperands {
  readonly tf: TensorFlow;
  readonly weight: Value;
  readonly gradient: Value;
  /** Share of the weight that is added to its gradient: the configuration's, times the parameter's own factor. */
  readonly weightDecay: number;
  /** An array that is kept for the parameter. */
  slot(name: string): Value;
  scalar(name: string): number;
  /** A scalar that is proportional to the learning rate, times the parameter's own factor. */
  rate(name: string): number;
}

/** The new weight, and the new arrays by slot. */
export interface UpdatedParameter {
  readonly weight: Value;
  readonly slots: Readonly<Record<string, Value>>;
}

/** An update rule of autodiff's, in TensorFlow's operators; the formula stands there. */
export type TfjsOptimizer<Config> = (config: Config, operands: UpdateOperands) => UpdatedParameter;

/** g + wd·w */
export function decayed({ tf, weight, gradient, weightDecay }: UpdateOperands): Value {
  return weightDecay > 0 ? tf.add(gradient, tf.mul(weight, weightDecay)) : gradient;
}
