import { AlexNetError } from '@alexnet/core';
import { makeAttributeProto } from '../attribute.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from '../proto/messages.ts';

/**
 * Makes every weight fit into a file of a given size: a tensor of ONNX lies in one place, so that a larger one is cut
 * into parts, rows side by side, and a Concat in front of the graph puts them together again. Its output has the
 * weight's name; the parts have names inside it (`fc6.weight/0`). Programs compute a Concat of constants once, when
 * they load the model.
 *
 * @param limitBytes - of one tensor
 * @throws AlexNetError `INVALID_ARGUMENT` where a single row is longer
 */
export function splitWeights(model: ModelProto, limitBytes: number): ModelProto {
  const { graph } = model;
  const isLarge = (tensor: TensorProto) => (tensor.rawData?.length ?? 0) > limitBytes;
  if (!graph.initializer.some(isLarge)) return model;
  const names = new NamePool(graph);
  const concats: NodeProto[] = [];
  const initializer = graph.initializer.flatMap((tensor) => {
    if (!isLarge(tensor)) return [tensor];
    const parts = splitRows(tensor, limitBytes, names);
    concats.push(makeConcat(tensor, parts, names));
    return parts;
  });
  return { ...model, graph: { ...graph, initializer, node: [...concats, ...graph.node] } };
}

/** As many parts as needed, of as many rows each as can be. */
function splitRows(tensor: TensorProto, limitBytes: number, names: NamePool): TensorProto[] {
  const { dims, rawData = new Uint8Array(), name = '' } = tensor;
  const [rows = 1, ...row] = dims;
  const rowBytes = rawData.length / rows;
  const rowsThatFit = Math.floor(limitBytes / rowBytes);
  if (rowsThatFit === 0) throw rowTooLong(name, rowBytes, limitBytes);
  const count = Math.ceil(rows / rowsThatFit);
  const rowsEach = Math.ceil(rows / count);
  return Array.from({ length: Math.ceil(rows / rowsEach) }, (_, index) => {
    const begin = index * rowsEach;
    const end = Math.min(rows, begin + rowsEach);
    return {
      ...tensor,
      name: names.makeValue(`${name}/${index}`),
      dims: [end - begin, ...row],
      rawData: rawData.subarray(begin * rowBytes, end * rowBytes),
    };
  });
}

function makeConcat(
  { name = '' }: TensorProto,
  parts: readonly TensorProto[],
  names: NamePool,
): NodeProto {
  return {
    opType: 'Concat',
    name: names.makeNode(name),
    input: parts.map((part) => part.name ?? ''),
    output: [name],
    attribute: [makeAttributeProto('axis', { i: 0 })],
  };
}

/** Names that a graph does not use yet. */
class NamePool {
  private readonly nodes: Set<string>;
  private readonly values: Set<string>;

  constructor({ node, initializer, input }: GraphProto) {
    this.nodes = new Set(node.map(({ name = '' }) => name));
    this.values = new Set([...initializer, ...input].map(({ name = '' }) => name));
    for (const { output } of node) for (const name of output) this.values.add(name);
  }

  makeNode(base: string): string {
    return take(this.nodes, base);
  }

  makeValue(base: string): string {
    return take(this.values, base);
  }
}

function take(taken: Set<string>, base: string): string {
  let name = base;
  for (let count = 1; taken.has(name); count += 1) name = `${base}_${count}`;
  taken.add(name);
  return name;
}

function rowTooLong(name: string, rowBytes: number, limitBytes: number): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `One row of ${name} takes ${rowBytes} bytes, but a file of weights may have ${limitBytes}.`,
    hint: `Choose shards of at least ${rowBytes} bytes: weights are cut between their rows.`,
    path: [name],
  });
}
