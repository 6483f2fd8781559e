import { AlexNetError, type ErrorCode } from '../errors.ts';
import { constant, fansOf, heNormal, type Initializer } from '../initialize/initializer.ts';
import { suggestName } from '../nearest-name.ts';
import { ops } from '../ops/index.ts';
import { type JsonReader, readJson } from '../read-json.ts';
import { readNumber } from '../read-number.ts';
import type { Shape } from '../tensor.ts';
import { checkGraph } from './check-graph.ts';
import type { Graph, Node, OpName, Parameter } from './graph.ts';

const OP_NAMES = Object.keys(ops) as OpName[];

/** What layers of this kind are called elsewhere, in lower case. */
const FOREIGN_NAMES: ReadonlyMap<string, OpName> = new Map([
  ['dense', 'Gemm'],
  ['fullyconnected', 'Gemm'],
  ['innerproduct', 'Gemm'],
  ['linear', 'Gemm'],
  ['matmul', 'Gemm'],
  ['globalaveragepool', 'AdaptiveAveragePool'],
  ['localresponsenorm', 'LRN'],
]);

/**
 * Reads a graph from untrusted JSON: every field is checked, then the graph as a whole. A parameter without
 * an initialiser gets He's, a bias zeros.
 *
 * @throws {@link AlexNetError} `INVALID_GRAPH` (or the code given) naming the place, `SHAPE_MISMATCH`
 */
export function parseGraph(value: unknown, code: ErrorCode = 'INVALID_GRAPH'): Graph {
  const graph = readGraph(readJson(value, { code, what: 'The network' }), code);
  checkGraph(graph);
  return graph;
}

/** The fields of a graph, each checked alone. */
export function readGraph(json: JsonReader, code: ErrorCode): Graph {
  const nodes = json
    .field('nodes')
    .items()
    .map((node) => parseNode(node, code));
  return {
    name: json.field('name').string(),
    input: {
      name: json.field('input').field('name').string(),
      shape: parseShape(json.field('input').field('shape')),
    },
    parameters: json
      .field('parameters')
      .items()
      .map((parameter) => parseParameter(parameter, nodes)),
    nodes,
    output: json.field('output').string(),
  };
}

function parseParameter(json: JsonReader, nodes: readonly Node[]): Parameter {
  const name = json.field('name').string();
  const shape = parseShape(json.field('shape'));
  const initializer = json.has('initializer')
    ? parseInitializer(json.field('initializer'))
    : defaultInitializer(name, shape, nodes);
  return { name, shape, initializer };
}

/** He's initialisation for weights, zeros for biases; a batch normalisation that changes nothing. */
function defaultInitializer(name: string, shape: Shape, nodes: readonly Node[]): Initializer {
  if (shape.length > 1) return heNormal(fansOf(shape));
  const isOne = nodes.some(
    ({ op, inputs: [, scale, , , variance] }) =>
      op === 'BatchNormalization' && (name === scale || name === variance),
  );
  return constant(isOne ? 1 : 0);
}

function parseShape(json: JsonReader): Shape {
  return json.items().map((length) => length.integer(1));
}

function parseInitializer(json: JsonReader): Initializer {
  const kind = json.field('kind').oneOf(['constant', 'normal', 'truncated-normal', 'uniform']);
  switch (kind) {
    case 'constant':
      return { kind, value: json.field('value').number() };
    case 'normal':
    case 'truncated-normal':
      return {
        kind,
        mean: json.field('mean').number(),
        std: readNumber(json.field('std'), { min: 0 }),
      };
    default:
      return { kind, bound: readNumber(json.field('bound'), { min: 0 }) };
  }
}

/** What the operands of an op are, by their number. */
const OPERANDS: Readonly<Record<(typeof ops)[OpName]['arity'], string>> = {
  1: 'It reads one value.',
  3: 'They are: the value, the weight, the bias.',
  5: 'They are: the value, scale, bias, running mean, running variance.',
};

function parseNode(json: JsonReader, code: ErrorCode): Node {
  const op = OP_NAMES.find((known) => known === json.field('op').string());
  const name = json.field('name').string();
  if (!op) throw unknownOp(json, name, code);
  const { arity, parseAttributes } = ops[op];
  const inputs = json
    .field('inputs')
    .items()
    .map((input) => input.string());
  if (inputs.length !== arity) {
    throw new AlexNetError(code, {
      message: `${name} (${op}) has ${inputs.length} inputs, but needs ${arity} (${json.field('inputs').path.join('.')}).`,
      hint: OPERANDS[arity],
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

function unknownOp(json: JsonReader, name: string, code: ErrorCode): AlexNetError {
  const op = json.field('op').string();
  const foreign = FOREIGN_NAMES.get(op.toLowerCase());
  const suggestion = foreign ? ` Here it is "${foreign}".` : suggestName(op, OP_NAMES);
  const shown = op.length > 60 ? `${op.slice(0, 60)}…` : op;
  const place = json.field('op').path.join('.');
  return new AlexNetError(code, {
    message: `${name} is a "${shown}", an op that this version does not know (${place}).${suggestion}`,
    hint: `Ops: ${OP_NAMES.join(', ')}.`,
    path: [...json.path, name],
  });
}
