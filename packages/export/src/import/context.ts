import type { Budget } from './budget.ts';
import type { Draft } from './draft.ts';
import type { OnnxGraphNode } from './graph-node.ts';
import type { Activation, Joined, Value } from './value.ts';

/** What reading a node may know of the file around it. */
export interface ImportContext {
  readonly draft: Draft;
  readonly budget: Budget;
  /** What has been settled already: several nodes may read one value. */
  readonly settled: Map<Activation, Activation>;
  /** Towers that have been joined already, by the first of their values. */
  readonly joins: Map<
    Value,
    { readonly values: readonly Value[]; readonly joined: Joined | undefined }
  >;
  /** Whether this project wrote the file: then every node in it stands for one here. */
  readonly isOwn: boolean;
  /** Length of the batch that the file declares; 1 where it leaves it free. */
  readonly fixedBatch: number;
  /** How many nodes and outputs use a value of the file. */
  countUses(name: string): number;
  /** Reads a node, also one that does not stand in the file as it is. */
  read(node: OnnxGraphNode, inputs: readonly (Value | undefined)[]): readonly Value[];
}

/**
 * What makes the values of a node: one for each of its first outputs; undefined where this is not its case, and
 * the next one is asked.
 */
export type NodeReader = (
  node: OnnxGraphNode,
  inputs: readonly (Value | undefined)[],
  context: ImportContext,
) => Value | readonly Value[] | undefined;
