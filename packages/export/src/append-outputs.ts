import { AlexNetError } from '@alexnet/core';
import { type NodeNames, readNodeNames } from './node-names.ts';
import { decodeModelOutline, joinParts } from './proto/codec.ts';
import { encodeFields } from './proto/encode-fields.ts';
import { message, repeated } from './proto/field.ts';
import { defineMessage, type Message } from './proto/message.ts';
import type { ValueInfoProto } from './proto/messages.ts';
import { valueInfo } from './proto/outline-schema.ts';
import { PartWriter } from './proto/part-writer.ts';
import { findRunInputs } from './value-description.ts';

/** What is appended: a graph with nothing but outputs, to be merged into the one in the file. */
interface AddedOutputs {
  readonly graph: readonly { readonly output: readonly ValueInfoProto[] }[];
}

const addedGraph: Message<AddedOutputs['graph'][number]> = defineMessage({
  output: repeated(message(12, () => valueInfo)),
});
const addedOutputs: Message<AddedOutputs> = defineMessage({
  graph: repeated(message(7, () => addedGraph)),
});

/**
 * Makes values inside a model outputs of it, for a run that wants features: layers have the names of their values.
 *
 * A protobuf message that is appended to another one is merged into it, so that nothing of the file is decoded but
 * its names. New outputs have no types: onnxruntime needs none, others do (`appendTypedOutputs`). Files that are
 * kept are written with the `features` of exportOnnx. What is an output already is left alone.
 *
 * @param names - `all` is every value that is worked out from the model's inputs, and not from weights alone
 * @throws AlexNetError `INVALID_ARGUMENT` for a name that no node gives, with all that there are;
 *   `INVALID_MODEL` for bytes that are no model
 *
 * @example
 * appendOutputs(bytes, ['conv5']).length - bytes.length // 11
 */
export function appendOutputs(bytes: Uint8Array, names: readonly string[] | 'all'): Uint8Array {
  return appendValues(bytes, names, (name) => ({ name }));
}

/** {@link appendOutputs} with what is said of each new output. */
export function appendValues(
  bytes: Uint8Array,
  names: readonly string[] | 'all',
  describe: (name: string) => ValueInfoProto,
): Uint8Array {
  const { nodes, outputs } = readNodeNames(bytes);
  const wanted = names === 'all' ? listReached(nodes, bytes) : names;
  checkNames(
    wanted,
    nodes.flatMap(({ output }) => output),
  );
  const added = [...new Set(wanted)].filter((name) => !outputs.includes(name));
  if (added.length === 0) return bytes;
  const sink = new PartWriter();
  encodeFields(sink, addedOutputs, { graph: [{ output: added.map(describe) }] });
  return joinParts([bytes, ...sink.finish()]);
}

/** What depends on an input of the model; nodes stand after those whose values they take. */
function listReached(nodes: readonly NodeNames[], bytes: Uint8Array): readonly string[] {
  const inputs = findRunInputs(decodeModelOutline(bytes).graph).map(({ name }) => name);
  const reached = new Set(inputs);
  for (const { input, output } of nodes) {
    if (!input.some((name) => reached.has(name))) continue;
    for (const name of output) if (name !== '') reached.add(name);
  }
  return [...reached].filter((name) => !inputs.includes(name));
}

function checkNames(names: readonly string[], values: readonly string[]): void {
  const known = new Set(values);
  const unknown = names.find((name) => name === '' || !known.has(name));
  if (unknown === undefined) return;
  const layers = values.filter((value) => value !== '');
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The model has no layer "${unknown}".`,
    hint: `Layers: ${layers.join(', ')}.`,
    path: [unknown],
  });
}
