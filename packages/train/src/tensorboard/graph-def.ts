// Fields of tensorflow/core/framework/graph.proto, node_def.proto and attr_value.proto, by their numbers.
import { type Graph, inferShapes, type Shape } from '@alexnet/core';
import { WireType, WireWriter } from '@alexnet/core/protobuf';
import { pick } from '../pick.ts';

/** What wrote the graph, by TensorFlow's count: of its second edition. */
const PRODUCER = 440;

/** A network as TensorBoard's graph page reads it: its layers, and their parameters within them. */
export function encodeGraphDef(graph: Graph): Uint8Array {
  const shapes = inferShapes(graph);
  const names = new Map([
    [graph.input.name, graph.input.name],
    ...graph.parameters.map(({ name }) => [name, name.replaceAll('.', '/')] as const),
    ...graph.nodes.map(({ name, output }) => [output, name] as const),
  ]);
  const toName = (value: string) => names.get(value) ?? value;
  const writer = new WireWriter();
  const add = (node: TensorFlowNode) =>
    writer.uint32((1 << 3) | WireType.bytes).delimited(encodeNode(node));
  add({ name: graph.input.name, op: 'Placeholder', inputs: [], shape: [-1, ...graph.input.shape] });
  for (const { name, shape } of graph.parameters) {
    add({ name: toName(name), op: 'VariableV2', inputs: [], shape });
  }
  for (const { name, op, inputs, output } of graph.nodes) {
    const [, ...shape] = pick(shapes, output);
    add({ name, op, inputs: inputs.map(toName), shape: [-1, ...shape] });
  }
  const versions = new WireWriter().uint32((1 << 3) | WireType.varint).uint32(PRODUCER);
  return writer
    .uint32((4 << 3) | WireType.bytes)
    .delimited(versions.finish())
    .finish();
}

interface TensorFlowNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  /** −1 where any length will do. */
  readonly shape: Shape;
}

function encodeNode({ name, op, inputs, shape }: TensorFlowNode): Uint8Array {
  const writer = new WireWriter();
  const bytes = (field: number) => writer.uint32((field << 3) | WireType.bytes);
  bytes(1).text(name);
  bytes(2).text(op);
  for (const input of inputs) bytes(3).text(input);
  bytes(5).delimited(encodeOutputShapes(shape));
  return writer.finish();
}

/** The attribute `_output_shapes`: a list of one shape. */
function encodeOutputShapes(shape: Shape): Uint8Array {
  const within = (field: number, message: Uint8Array) =>
    new WireWriter()
      .uint32((field << 3) | WireType.bytes)
      .delimited(message)
      .finish();
  const dimensions = new WireWriter();
  for (const size of shape) {
    const dimension = new WireWriter().uint32((1 << 3) | WireType.varint).int64(BigInt(size));
    dimensions.uint32((2 << 3) | WireType.bytes).delimited(dimension.finish());
  }
  const list = within(1, within(7, dimensions.finish()));
  return new WireWriter()
    .uint32((1 << 3) | WireType.bytes)
    .text('_output_shapes')
    .uint32((2 << 3) | WireType.bytes)
    .delimited(list)
    .finish();
}
