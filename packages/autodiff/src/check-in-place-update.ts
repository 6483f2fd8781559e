import { invariant } from '@alexnet/core';
import type { ModelProto, NodeProto } from '@alexnet/export';
import type { StateArray } from './training-step.ts';

/** Operators whose result may be a view of their first operand: who reads it, reads the operand's memory. */
const VIEWS: ReadonlySet<string> = new Set([
  'Flatten',
  'Identity',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
]);

/** Operators that read an element of an operand only to write the same element of the result. */
const ELEMENTWISE: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div']);

/**
 * Checks that every output of `state` may be written over its input: each node that reads the input runs
 * before the node that writes the output, because the latter depends on it, whatever order a runtime chooses;
 * and that node itself reads it element by element, in place.
 *
 * @throws {@link AlexNetError} `INTERNAL` naming the array and the node that may read it too late.
 */
export function checkInPlaceUpdate(model: ModelProto, state: readonly StateArray[]): void {
  const nodes = model.graph.node;
  const producers = new Map(
    nodes.flatMap((node) => node.output.map((value) => [value, node] as const)),
  );
  for (const { input, output } of state) {
    const writer = producers.get(output);
    invariant(writer, `nothing writes ${output}`);
    invariant(
      ELEMENTWISE.has(writer.opType),
      `${output} is written by a ${writer.opType}, which is not elementwise`,
    );
    const ancestors = collectAncestors(writer, producers);
    const late = collectReaders(input, nodes).find(
      (reader) => reader !== writer && !ancestors.has(reader),
    );
    invariant(
      !late,
      `${late?.name ?? late?.opType} may read ${input} after ${output} has been written over it`,
    );
    const outputs = model.graph.output.map(({ name }) => name);
    invariant(outputs.includes(output), `${output} is not an output`);
  }
}

/** The nodes that read the memory of a value, under its own name or through views. */
function collectReaders(value: string, nodes: readonly NodeProto[]): readonly NodeProto[] {
  const readers = nodes.filter((node) => node.input.includes(value));
  const views = readers.filter((node) => VIEWS.has(node.opType)).flatMap((node) => node.output);
  return [...readers, ...views.flatMap((view) => collectReaders(view, nodes))];
}

/** The nodes that must have run before `node` can. */
function collectAncestors(
  node: NodeProto,
  producers: ReadonlyMap<string, NodeProto>,
): ReadonlySet<NodeProto> {
  const ancestors = new Set<NodeProto>();
  const pending = [...node.input];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const producer = producers.get(value);
    if (!producer || ancestors.has(producer)) continue;
    ancestors.add(producer);
    pending.push(...producer.input);
  }
  return ancestors;
}
