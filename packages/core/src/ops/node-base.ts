/** One value for each operand. */
export type ForEachInput<Inputs extends readonly string[], Value> = {
  readonly [Index in keyof Inputs]: Value;
};

/** What every node has; `Inputs` names the operands in ONNX's order. */
export interface NodeBase<Op extends string, Inputs extends readonly string[], Attributes> {
  readonly op: Op;
  /** The layer's name, unique in the graph. */
  readonly name: string;
  /** Names of values and parameters. */
  readonly inputs: Inputs;
  /** Name of the value that this node makes. */
  readonly output: string;
  readonly attributes: Attributes;
}
