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
  const producers = new Map(nodes.flatMap(({ output }, at) => output.map((value) => [value, at])));
  const ancestors = listAncestors(nodes, producers);
  const readers = listReaders(nodes);
  const outputs = new Set(model.graph.output.map(({ name }) => name));
  for (const { input, output } of state) {
    const at = producers.get(output) ?? -1;
    const writer = nodes[at];
    invariant(writer, `nothing writes ${output}`);
    invariant(
      ELEMENTWISE.has(writer.opType),
      `${output} is written by a ${writer.opType}, which is not elementwise`,
    );
    const late = collectReaders(input, nodes, readers).find(
      (reader) => reader !== at && !hasBit(ancestors[at], reader),
    );
    const name = late === undefined ? undefined : (nodes[late]?.name ?? nodes[late]?.opType);
    invariant(
      late === undefined,
      `${name} may read ${input} after ${output} has been written over it`,
    );
    invariant(outputs.has(output), `${output} is not an output`);
  }
}

/** The nodes that read each value, by their places. */
function listReaders(nodes: readonly NodeProto[]): ReadonlyMap<string, readonly number[]> {
  const readers = new Map<string, number[]>();
  for (const [at, { input }] of nodes.entries()) {
    for (const value of input) readers.set(value, [...(readers.get(value) ?? []), at]);
  }
  return readers;
}

/** The places of the nodes that read the memory of a value, under its own name or through views. */
function collectReaders(
  value: string,
  nodes: readonly NodeProto[],
  readers: ReadonlyMap<string, readonly number[]>,
): readonly number[] {
  const own = readers.get(value) ?? [];
  const views = own
    .map((at) => nodes[at])
    .flatMap((node) => (node && VIEWS.has(node.opType) ? node.output : []));
  return [...own, ...views.flatMap((view) => collectReaders(view, nodes, readers))];
}

/**
 * The nodes that must have run before each node can: one bit for each, so that thousands of nodes take a
 * megabyte and a millisecond. An ONNX model's nodes stand in an order in which they can run.
 */
function listAncestors(
  nodes: readonly NodeProto[],
  producers: ReadonlyMap<string, number>,
): readonly Uint32Array[] {
  const ancestors = nodes.map(() => new Uint32Array(Math.ceil(nodes.length / 32)));
  for (const [at, { input }] of nodes.entries()) {
    const bits = ancestors[at];
    for (const producer of input.map((value) => producers.get(value))) {
      if (bits && producer !== undefined) addBits(bits, producer, ancestors[producer]);
    }
  }
  return ancestors;
}

function addBits(bits: Uint32Array, bit: number, more: Uint32Array = new Uint32Array()): void {
  for (let i = 0; i < more.length; i++) bits[i] = (bits[i] ?? 0) | (more[i] ?? 0);
  bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
}

function hasBit(bits: Uint32Array | undefined, bit: number): boolean {
  return ((bits?.[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
}
