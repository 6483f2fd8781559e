import type { NodeOf } from '@alexnet/core';
import type { OnnxBuilder, Value } from '@alexnet/export';
import type { MaskInput } from './training-step.ts';

export interface MaskInputs {
  /** The masks declared so far. */
  readonly list: readonly MaskInput[];
  add(node: NodeOf<'Dropout'>, shape: readonly number[]): Value;
}

/** Collects the masks that a training step asks for, one for each active Dropout. */
export function createMaskInputs(builder: OnnxBuilder): MaskInputs {
  const list: MaskInput[] = [];
  return {
    list,
    add: (node, shape) => {
      const name = `${node.name}/mask`;
      list.push({ name, node: node.name, shape, ratio: node.attributes.ratio });
      return builder.input(name, 'float32', shape);
    },
  };
}
