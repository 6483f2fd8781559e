import { AlexNetError } from '@alexnet/core';
import type { GraphProto } from '../proto/messages.ts';
import { describeValue, type ValueDescription } from '../value-description.ts';
import { describeValues } from './network-input.ts';
import { describeView } from './reshape.ts';
import type { Translation } from './translate.ts';
import type { Activation, Value } from './value.ts';
import { isSameView, lengthOf, viewOf } from './view.ts';

export interface NetworkOutput {
  /** Name of the value in the draft, [N, classes]. */
  readonly value: string;
  /** As the file declares it. */
  readonly declared: ValueDescription;
}

const FLOATS: ReadonlySet<string> = new Set(['float32', 'float16', 'bfloat16', 'float64']);

/** What the outputs with the classes are called in our own files; the first of them is the network's. */
const ENDINGS = ['logits', 'probabilities'] as const;

/**
 * Finds what a network is for among a graph's outputs.
 *
 * @param name - of the output to take where there are several
 * @throws AlexNetError `UNSUPPORTED` where it cannot be read, with the node that cannot be and why;
 *   `INVALID_ARGUMENT` for a name that is none
 */
export function findNetworkOutput(
  graph: GraphProto,
  translation: Translation,
  name?: string,
): NetworkOutput {
  const outputs = graph.output.map(describeValue);
  const declared = choose(outputs, translation, name);
  const value = translation.valueOf(declared.name);
  return { value: readOutput(value, declared, translation).value, declared };
}

function choose(
  outputs: readonly ValueDescription[],
  translation: Translation,
  name: string | undefined,
): ValueDescription {
  if (name !== undefined) {
    const named = outputs.find((output) => output.name === name);
    if (named) return named;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `The model has no output "${name}".`,
      hint: `Its outputs: ${describeValues(outputs)}.`,
      path: [name],
    });
  }
  const floats = outputs.filter(({ dtype }) => FLOATS.has(dtype));
  const [only, ...more] = floats;
  if (only && more.length === 0) return only;
  const classes = floats.filter((output) => isClasses(translation.valueOf(output.name)));
  const [found, ...others] = classes;
  if (found && others.length === 0) return found;
  const ours = ENDINGS.map((ending) => classes.find((output) => output.name === ending));
  const ending = ours.find((output) => output !== undefined);
  if (ending) return ending;
  throw new AlexNetError('UNSUPPORTED', {
    message: `The model's outputs are ${describeValues(outputs)}, not one of floats [N, classes].`,
    hint: 'Say which to read: importOnnx(bytes, { output: "…" }).',
    path: outputs.map((output) => output.name),
  });
}

function isClasses(value: Value): boolean {
  return value.kind === 'activation' && value.view.length === 2 && value.shape.length === 1;
}

function readOutput(value: Value, { name }: ValueDescription, { draft }: Translation): Activation {
  if (value.kind === 'unreadable') throw value.error;
  const fail = (what: string): never => {
    throw new AlexNetError('UNSUPPORTED', {
      message: `The output "${name}" ${what}.`,
      hint: 'A classifier gives one row of numbers for each picture, [N, classes].',
      path: [name],
    });
  };
  if (value.kind !== 'activation') return fail('is not what a layer gives');
  if (value.value === draft.input.name) return fail('is the input itself');
  if (value.affine) return fail('is scaled or shifted behind the last layer');
  if (value.padding) return fail('has zeros put around it');
  if (value.shape.length === 1 && hasOrder(value)) return value;
  const [, H, W] = value.shape;
  if (H !== 1 || W !== 1) return fail(`is ${describeView(value.view)}, not [N, classes]`);
  // Fully convolutional networks end with [N, classes, 1, 1].
  const output = draft.uniqueName(`${value.value}/features`);
  return draft.add({ op: 'Flatten', name: output, inputs: [value.value], output, attributes: {} }, [
    value.value,
  ]);
}

/** Whether the classes are in the IR's order; axes of length 1 do not matter. */
function hasOrder({ view, shape }: Activation): boolean {
  const axes = view.filter((axis) => axis.includes('batch') || lengthOf(axis) > 1);
  const own = viewOf(shape).filter((axis) => axis.includes('batch') || lengthOf(axis) > 1);
  return isSameView(axes, own);
}

/** Whether a file declares as many classes as its nodes make; what it leaves open fits. */
export function declaresClasses({ shape }: ValueDescription, classes: number): boolean {
  if (shape === null || shape.length === 0) return true;
  const [, declared, ...rest]: readonly (number | string | undefined)[] = shape;
  const isOpen = typeof declared === 'string' || declared === 0;
  return (isOpen || declared === classes) && rest.every((length) => length === 1);
}
