import { checkGraph } from './check-graph.ts';
import { AlexNetError, type ErrorCode } from './errors.ts';
import type { Graph, Node, OpName, Parameter } from './graph.ts';
import type { Initializer } from './initializer.ts';
import { ops } from './ops/index.ts';
import { type JsonReader, readJson } from './read-json.ts';
import type { Shape } from './tensor.ts';

const OP_NAMES = Object.keys(ops) as OpName[];

/**
 * Reads a graph from untrusted JSON: every field is checked, then the graph as a whole.
 *
 * @throws {@link AlexNetError} `INVALID_GRAPH` (or the code given) naming the place, `SHAPE_MISMATCH`
 */
export function parseGraph(value: unknown, code: ErrorCode = 'INVALID_GRAPH'): Graph {
  const json = readJson(value, { code, what: 'The network' });
  const graph: Graph = {
    name: json.field('name').string(),
    input: {
      name: json.field('input').field('name').string(),
      shape: parseShape(json.field('input').field('shape')),
    },
    parameters: json.field('parameters').items().map(parseParameter),
    nodes: json
      .field('nodes')
      .items()
      .map((node) => parseNode(node, code)),
    output: json.field('output').string(),
  };
  checkGraph(graph);
  return graph;
}

function parseParameter(json: JsonReader): Parameter {
  return {
    name: json.field('name').string(),
    shape: parseShape(json.field('shape')),
    initializer: parseInitializer(json.field('initializer')),
  };
}

function parseShape(json: JsonReader): Shape {
  return json.items().map((length) => length.integer(1));
}

function parseInitializer(json: JsonReader): Initializer {
  const kind = json.field('kind').oneOf(['constant', 'normal', 'uniform']);
  switch (kind) {
    case 'constant':
      return { kind, value: json.field('value').number() };
    case 'normal':
      return { kind, mean: json.field('mean').number(), std: json.field('std').number() };
    default:
      return { kind, bound: json.field('bound').number() };
  }
}

function parseNode(json: JsonReader, code: ErrorCode): Node {
  const op = OP_NAMES.find((known) => known === json.field('op').string());
  const name = json.field('name').string();
  if (!op) {
    throw new AlexNetError(code, {
      message: `${name} is a "${json.field('op').string()}", an op that this version does not know.`,
      hint: `Ops: ${OP_NAMES.join(', ')}.`,
      path: [...json.path, name],
    });
  }
  const { arity, parseAttributes } = ops[op];
  const inputs = json
    .field('inputs')
    .items()
    .map((input) => input.string());
  if (inputs.length !== arity) {
    throw new AlexNetError(code, {
      message: `${name} (${op}) has ${inputs.length} inputs, but needs ${arity}.`,
      hint: arity === 3 ? 'They are: the value, the weight, the bias.' : 'It reads one value.',
      path: [...json.path, name],
    });
  }
  const node: unknown = {
    op,
    name,
    inputs,
    output: json.field('output').string(),
    attributes: parseAttributes(json.field('attributes')),
  };
  // The op's own arity and attributes were checked above: what the union's type says.
  return node as Node;
}
