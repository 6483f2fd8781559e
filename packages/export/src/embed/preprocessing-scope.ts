import type { Attribute } from '../attribute.ts';
import type { OnnxBuilder, Value } from '../builder.ts';

/** Name of the value that a network reads whose file prepares the pictures; nodes before it have names inside it. */
export const PREPROCESSED = 'preprocessing';

/** Whether a node, by its name, is part of the preprocessing. */
export function isPreprocessing(name: string): boolean {
  return name === PREPROCESSED || name.startsWith(`${PREPROCESSED}/`);
}

/** Adds nodes with names inside {@link PREPROCESSED}. */
export class PreprocessingScope {
  readonly builder: OnnxBuilder;

  constructor(builder: OnnxBuilder) {
    this.builder = builder;
  }

  op(
    label: string,
    opType: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.builder.op(opType, inputs, attributes, { name: `${PREPROCESSED}/${label}` });
  }
}
