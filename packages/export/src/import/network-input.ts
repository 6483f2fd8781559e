import { AlexNetError, formatShape, type Shape } from '@alexnet/core';
import {
  type AttributeProto,
  AttributeType,
  type GraphProto,
  type NodeProto,
} from '../proto/messages.ts';
import { describeValue, findRunInputs, type ValueDescription } from '../value-description.ts';
import { transposeView, type View, viewOf } from './view.ts';

/** The picture that a network reads, and how the file has it. */
export interface NetworkInput {
  readonly name: string;
  /** [C, H, W], as the IR has it. */
  readonly shape: Shape;
  readonly view: View;
  /** Length of the batch that the file declares; 1 where it leaves it free. */
  readonly fixedBatch: number;
  /** What else a run would have to be given. */
  readonly others: readonly string[];
}

/** Of a picture: more than instruments have, and few enough that what is made for each of them takes no memory. */
const MAX_CHANNELS = 1024;

const FLOATS: ReadonlySet<string> = new Set(['float32', 'float16', 'bfloat16', 'float64', 'uint8']);
/** [N, H, W, C] to [N, C, H, W], and back. */
const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_CHANNELS_LAST = [0, 2, 3, 1];

/**
 * Finds the picture among a graph's inputs, and the length of its axes.
 *
 * @param inputShape - [C, H, W], for files that leave the size free
 * @throws AlexNetError `UNSUPPORTED` naming the inputs, `INVALID_ARGUMENT` where the file says otherwise
 */
export function findNetworkInput(graph: GraphProto, inputShape?: Shape): NetworkInput {
  const inputs = findRunInputs(graph).map(describeValue);
  const pictures = inputs.filter(
    ({ dtype, shape }) =>
      FLOATS.has(dtype) && (shape === null ? inputs.length === 1 : shape.length === 4),
  );
  const [picture, ...others] = pictures;
  if (!picture || others.length > 0) throw noPicture(inputs);
  const isChannelsLast = startsWithTranspose(graph, picture.name);
  const [batch, ...declared] = picture.shape ?? ['N', '?', '?', '?'];
  const lengths = isChannelsLast ? [declared[2], declared[0], declared[1]] : declared;
  const isLegal = inputShape?.every((length) => Number.isSafeInteger(length) && length > 0) ?? true;
  if (inputShape && (inputShape.length !== 3 || !isLegal)) throw wrongShape(inputShape, picture);
  const shape = lengths.map((length, axis) => {
    const given = inputShape?.[axis];
    const known = typeof length === 'number' && length > 0 ? length : undefined;
    if (given !== undefined && known !== undefined && given !== known) {
      throw wrongShape(inputShape ?? [], picture);
    }
    return known ?? given;
  });
  if (!shape.every((length) => length !== undefined)) throw freeSize(picture);
  const [channels = 0] = shape;
  if (channels > MAX_CHANNELS) throw tooManyChannels(picture, channels);
  const view = viewOf(shape);
  return {
    name: picture.name,
    shape,
    view: isChannelsLast ? (transposeView(view, TO_CHANNELS_LAST) ?? view) : view,
    fixedBatch: typeof batch === 'number' && batch > 0 ? batch : 1,
    others: inputs.flatMap(({ name }) => (name === picture.name ? [] : [name])),
  };
}

/** Operators that leave the axes as they are. */
const KEEPS_AXES: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pad',
]);

/** Whether the first thing that happens to the picture is that its channels come first: TensorFlow's layout. */
function startsWithTranspose(graph: GraphProto, input: string): boolean {
  const readers = new Map<string, NodeProto[]>();
  for (const node of graph.node) {
    for (const name of node.input) {
      const known = readers.get(name);
      if (known) known.push(node);
      else readers.set(name, [node]);
    }
  }
  const seen = new Set<string>();
  for (let name: string | undefined = input; name !== undefined && !seen.has(name); ) {
    seen.add(name);
    const next: readonly NodeProto[] = (readers.get(name) ?? []).filter(
      (n) => n.opType !== 'Shape',
    );
    if (next.some((node) => node.opType === 'Transpose' && hasOrder(node.attribute))) return true;
    const [only, ...more]: readonly NodeProto[] = next;
    name = only && more.length === 0 && KEEPS_AXES.has(only.opType) ? only.output[0] : undefined;
  }
  return false;
}

function hasOrder(attributes: readonly AttributeProto[]): boolean {
  const perm = attributes.find(({ name }) => name === 'perm');
  return (
    perm?.type === AttributeType.ints &&
    perm.ints.length === 4 &&
    perm.ints.every((axis, index) => Number(axis) === TO_CHANNELS_FIRST[index])
  );
}

function noPicture(inputs: readonly ValueDescription[]): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The model's inputs are ${describeValues(inputs)}, not one picture of floats [N, C, H, W].`,
    hint: 'A network here reads one picture; weights that are listed as inputs do not count.',
    path: inputs.map(({ name }) => name),
  });
}

function freeSize(picture: ValueDescription): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The model leaves the size of its input free: ${describeValues([picture])}. A network here has one size.`,
    hint: 'Say which: importOnnx(bytes, { inputShape: [3, 224, 224] }), channels, height, width.',
    path: [picture.name],
  });
}

function tooManyChannels({ name }: ValueDescription, channels: number): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The model's input ${name} has ${channels} channels; ${MAX_CHANNELS} are the limit.`,
    hint: 'A network here reads pictures: 1 or 3 channels, a few hundred of an instrument.',
    path: [name],
  });
}

function wrongShape(inputShape: Shape, picture: ValueDescription): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `inputShape is ${formatShape(inputShape)}, but the model's input is ${describeValues([picture])}.`,
    hint: 'inputShape is [channels, height, width] and fills in what the file leaves free.',
    path: [picture.name],
  });
}

export function describeValues(values: readonly ValueDescription[]): string {
  if (values.length === 0) return 'none';
  return values
    .map(({ name, dtype, shape }) => `${name} ${dtype} ${shape ? formatShape(shape) : ''}`.trim())
    .join(', ');
}
