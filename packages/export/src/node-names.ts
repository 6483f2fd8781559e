import { decodeMessage } from './proto/codec.ts';
import { message, repeated, required, string } from './proto/field.ts';
import { defineMessage, type Message } from './proto/message.ts';

/** A model as the names of its values. A file that outputs were appended to has several graphs, which are one. */
export interface ModelNames {
  readonly graph: readonly GraphNames[];
}

interface GraphNames {
  readonly node: readonly NodeNames[];
  readonly output: readonly { readonly name: string }[];
}

export interface NodeNames {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly opType: string;
}

const nodeNames: Message<NodeNames> = defineMessage({
  input: repeated(string(1)),
  output: repeated(string(2)),
  opType: required(string(4)),
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

/** The nodes and outputs of a model by name; attributes and weights are passed over. @throws `INVALID_MODEL` */
export function readNodeNames(bytes: Uint8Array): {
  readonly nodes: readonly NodeNames[];
  readonly outputs: readonly string[];
} {
  const { graph } = decodeMessage(bytes, modelNames);
  return {
    nodes: graph.flatMap(({ node }) => node),
    outputs: graph.flatMap(({ output }) => output.map(({ name }) => name)),
  };
}
