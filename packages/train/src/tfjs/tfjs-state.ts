import { type UpdateRule, updateSlots } from '@alexnet/autodiff';
import { createTensor, type Graph, type Parameter, type Shape } from '@alexnet/core';
import { pick } from '../pick.ts';
import { checkTensor, copyTensor } from '../state-tensors.ts';
import { type EngineState, slotName } from '../training-engine.ts';
import { readTensor } from './layout.ts';
import type { TensorFlow, Value } from './tensorflow.ts';

export interface TfjsStateOptions {
  readonly tf: TensorFlow;
  readonly graph: Graph;
  readonly trainable: readonly Parameter[];
  readonly rule: UpdateRule;
  readonly state: EngineState;
  readonly ownsState: boolean;
}

/** Weights and the optimiser's arrays, in TensorFlow's memory and in the layout of the IR. */
export interface TfjsState {
  /** By parameter or {@link slotName}. */
  get(name: string): Value;
  has(name: string): boolean;
  /** Takes a value for its own, and frees the one before. */
  replace(name: string, value: Value): void;
  /** A copy. */
  read(): EngineState;
  dispose(): void;
}

/** @throws {@link AlexNetError} `SHAPE_MISMATCH` if the state is another network's */
export function createTfjsState(options: TfjsStateOptions): TfjsState {
  const { tf, state, ownsState } = options;
  const shapes = listArrays(options);
  const values = new Map(
    [...shapes].map(([name, { shape, isSlot }]): [string, Value] => {
      const given = state.get(name);
      const tensor = isSlot && !given ? createTensor(shape) : checkTensor(name, given, shape);
      const { data } = given && !ownsState ? copyTensor(tensor) : tensor;
      return [name, tf.keep(tf.tensor(data, [...shape], 'float32'))];
    }),
  );
  return {
    get: (name) => pick(values, name),
    has: (name) => values.has(name),
    replace: (name, value) => {
      const before = pick(values, name);
      values.set(name, tf.keep(value));
      before.dispose();
    },
    read: () =>
      new Map(
        [...values].map(([name, value]) => [name, readTensor(value, pick(shapes, name).shape)]),
      ),
    dispose: () => {
      for (const value of values.values()) value.dispose();
      values.clear();
    },
  };
}

/** Every parameter, and the optimiser's arrays of those that learn. */
function listArrays({ graph, trainable, rule }: TfjsStateOptions) {
  const slots = updateSlots(rule);
  return new Map<string, { readonly shape: Shape; readonly isSlot: boolean }>([
    ...graph.parameters.map(({ name, shape }) => [name, { shape, isSlot: false }] as const),
    ...trainable.flatMap(({ name, shape }) =>
      slots.map((slot) => [slotName(name, slot), { shape, isSlot: true }] as const),
    ),
  ]);
}
