import {
  AVERAGE_DECAY,
  AVERAGE_SHARE,
  AVERAGE_SLOT,
  type ParameterFactors,
  type UpdateRule,
} from '@alexnet/autodiff';
import { nameAll, pickField } from '../pick.ts';
import { slotName } from '../training-engine.ts';
import { clipGradients } from './clip-gradients.ts';
import { optimize } from './optimizers/index.ts';
import type { TensorFlow, Value } from './tensorflow.ts';
import type { TfjsState } from './tfjs-state.ts';

export interface UpdateOptions {
  readonly tf: TensorFlow;
  readonly rule: UpdateRule;
  readonly factorsOf: (parameter: string) => ParameterFactors;
  /** Of this step, from `updateScalars`. */
  readonly scalars: Readonly<Record<string, number>>;
}

/**
 * Moves every parameter that has a gradient, one after another: beside the state there is one new parameter at a
 * time.
 *
 * @param gradients - by parameter; freed on the way
 */
export function updateParameters(
  state: TfjsState,
  gradients: ReadonlyMap<string, Value>,
  options: UpdateOptions,
): void {
  for (const [name, gradient] of limit(gradients, options)) {
    const updated = options.tf.tidy(() => update(state, { name, gradient }, options));
    gradient.dispose();
    for (const [array, value] of Object.entries(updated)) state.replace(array, value);
  }
}

function limit(
  gradients: ReadonlyMap<string, Value>,
  { tf, rule: { clip } }: UpdateOptions,
): ReadonlyMap<string, Value> {
  if (!clip) return gradients;
  const before = [...gradients.values()];
  const limited = tf.tidy(() => [...clipGradients(tf, before, clip)]);
  for (const gradient of before) gradient.dispose();
  return nameAll([...gradients.keys()], limited);
}

/** @returns the new arrays, by their names in the state */
function update(
  state: TfjsState,
  { name, gradient }: { readonly name: string; readonly gradient: Value },
  { tf, rule, factorsOf, scalars }: UpdateOptions,
): Record<string, Value> {
  const { optimizer, averageDecay } = rule;
  const factors = factorsOf(name);
  const scalar = (of: string) => pickField(scalars, of);
  const { weight, slots } = optimize(optimizer, {
    tf,
    weight: state.get(name),
    gradient,
    weightDecay: (optimizer.weightDecay ?? 0) * factors.weightDecay,
    slot: (slot) => state.get(slotName(name, slot)),
    scalar,
    rate: (of) => scalar(of) * factors.learningRate,
  });
  const updated: Record<string, Value> = { [name]: weight };
  for (const [slot, value] of Object.entries(slots)) updated[slotName(name, slot)] = value;
  if (typeof averageDecay === 'number') {
    const average = slotName(name, AVERAGE_SLOT);
    const kept = tf.mul(state.get(average), scalar(AVERAGE_DECAY));
    updated[average] = tf.add(kept, tf.mul(weight, scalar(AVERAGE_SHARE)));
  }
  return updated;
}
