import { invariant } from '@alexnet/core';
import type { ModelProto, NodeProto } from '@alexnet/export';
import { BLOCKED_DOMAIN, SUM_OPERAND } from './ops/blocks/blocked-convolution.ts';
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
 * Checks that every output of `state` may be written over its input, by way of its stages: each node that reads the
 * value before runs before the node that writes the next, because the latter depends on it, whatever order a runtime
 * chooses; and that node itself reads it element by element, in place.
 *
 * @throws {@link AlexNetError} `INTERNAL` naming the array and the node that may read it too late.
 */
export function checkInPlaceUpdate(model: ModelProto, state: readonly StateArray[]): void {
  const nodes = model.graph.node;
  const producers = new Map(nodes.flatMap(({ output }, at) => output.map((value) => [value, at])));
  const ancestors = listAncestors(nodes, producers);
  const readers = listReaders(nodes);
  const outputs = new Set(model.graph.output.map(({ name }) => name));
  for (const { input, output, stages = [] } of state) {
    const values = [input, ...stages.map((stage) => stage.output), output];
    for (const [i, value] of values.slice(1).entries()) {
      const before = values[i] ?? input;
      const at = producers.get(value) ?? -1;
      const writer = nodes[at];
      invariant(writer, `nothing writes ${value}`);
      const memory = collectViews(before, { nodes, readers, writer: at });
      invariant(
        writer.input.every((operand, i) => !memory.has(operand) || isReadInPlace(writer, i)),
        `${value} is written by a ${writer.opType}, which does not read ${before} element by element`,
      );
      const late = [...memory]
        .flatMap((view) => readers.get(view) ?? [])
        .find((reader) => reader !== at && !hasBit(ancestors[at], reader));
      const name = late === undefined ? undefined : (nodes[late]?.name ?? nodes[late]?.opType);
      invariant(
        late === undefined,
        `${name} may read ${before} after ${value} has been written over it`,
      );
      invariant(outputs.has(value), `${value} is not an output`);
    }
  }
}

/** Whether a node reads an operand only to write each element where it was. */
function isReadInPlace({ opType, domain }: NodeProto, operand: number): boolean {
  if (VIEWS.has(opType)) return operand === 0;
  if (opType === 'Conv' && domain === BLOCKED_DOMAIN) return operand === SUM_OPERAND;
  return ELEMENTWISE.has(opType);
}

/** The nodes that read each value, by their places. */
function listReaders(nodes: readonly NodeProto[]): ReadonlyMap<string, readonly number[]> {
  const readers = new Map<string, number[]>();
  for (const [at, { input }] of nodes.entries()) {
    for (const value of input) readers.set(value, [...(readers.get(value) ?? []), at]);
  }
  return readers;
}

/** A value and all views of it, but for what `writer` makes of it. */
function collectViews(
  value: string,
  at: {
    readonly nodes: readonly NodeProto[];
    readonly readers: ReadonlyMap<string, readonly number[]>;
    readonly writer: number;
  },
): ReadonlySet<string> {
  const views = (at.readers.get(value) ?? [])
    .filter((reader) => reader !== at.writer)
    .map((reader) => at.nodes[reader])
    .flatMap((node) => (node && VIEWS.has(node.opType) ? node.output : []));
  return new Set([value, ...views.flatMap((view) => [...collectViews(view, at)])]);
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
