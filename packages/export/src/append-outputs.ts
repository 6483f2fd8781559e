import { AlexNetError, suggestName } from '@alexnet/core';
import { decodeMessage, joinParts } from './proto/codec.ts';
import { encodeFields } from './proto/encode-fields.ts';
import { message, repeated, required, string } from './proto/field.ts';
import { defineMessage, type Message } from './proto/message.ts';
import { PartWriter } from './proto/part-writer.ts';

/** A model as the names of its values. A file that outputs were appended to has several graphs, which are one. */
interface ModelNames {
  readonly graph: readonly GraphNames[];
}

interface GraphNames {
  readonly node: readonly { readonly output: readonly string[] }[];
  readonly output: readonly { readonly name: string }[];
}

const nodeNames: Message<GraphNames['node'][number]> = defineMessage({
  output: repeated(string(2)),
});
const outputName: Message<GraphNames['output'][number]> = defineMessage({
  name: required(string(1)),
});
const graphNames: Message<GraphNames> = defineMessage({
  node: repeated(message(1, () => nodeNames)),
  output: repeated(message(12, () => outputName)),
});
const modelNames: Message<ModelNames> = defineMessage({
  graph: repeated(message(7, () => graphNames)),
});

/**
 * Makes values inside a model outputs of it, for a run that wants features: layers have the names of their values.
 *
 * A protobuf message that is appended to another one is merged into it, so that nothing of the file is decoded but
 * its names. The new outputs have no types, which runtimes infer and onnx.checker does not: files that are kept are
 * written with the `features` of exportOnnx. What is an output already is left alone.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` for a name that no node gives, with the nearest and all that there are;
 *   `INVALID_MODEL` for bytes that are no model
 *
 * @example
 * appendOutputs(bytes, ['conv5']).length - bytes.length // 11
 */
export function appendOutputs(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  const { graph } = decodeMessage(bytes, modelNames);
  const outputs = new Set(graph.flatMap(({ output }) => output.map(({ name }) => name)));
  const values = graph.flatMap(({ node }) => node.flatMap(({ output }) => output));
  checkNames(names, values);
  const added = [...new Set(names)].filter((name) => !outputs.has(name));
  if (added.length === 0) return bytes;
  const sink = new PartWriter();
  const output = added.map((name) => ({ name }));
  encodeFields(sink, modelNames, { graph: [{ node: [], output }] });
  return joinParts([bytes, ...sink.finish()]);
}

function checkNames(names: readonly string[], values: readonly string[]): void {
  const known = new Set(values);
  const unknown = names.find((name) => name === '' || !known.has(name));
  if (unknown === undefined) return;
  const layers = values.filter((value) => value !== '');
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The model has no layer "${unknown}".${suggestName(unknown, layers)}`,
    hint: `Layers: ${layers.join(', ')}.`,
    path: [unknown],
  });
}
