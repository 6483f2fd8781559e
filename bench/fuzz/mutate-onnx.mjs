// ONNX models whose bytes are in order and whose graph is not: damage that no length tells. Every choice comes from the
// seeded generator.
import { decodeModel, encodeModel } from '@alexnet/export';

const TELLING = [0, 1, -1, 2, 3, 7, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 40, 2 ** 53 - 1];
const ENTRIES = ['0', '-1', '4096', '1e9', '99999999999999', '../x', 'model.onnx', ''];

const pick = (list, random) => list[random.integer(list.length)];
const number = (random) => pick(TELLING, random);
const replace = (list, index, ...items) => [
  ...list.slice(0, index),
  ...items,
  ...list.slice(index + 1),
];

/** Changes one element of a list of a graph, where there is one. */
function changeOne(key, change) {
  return (graph, random, graphs) => {
    const list = graph[key];
    if (list.length === 0) return graph;
    const index = random.integer(list.length);
    const changed = change(list[index], random, { graph, graphs });
    return { ...graph, [key]: replace(list, index, ...changed) };
  };
}

const changeNode = (change) => changeOne('node', change);
const changeTensor = (change) => changeOne('initializer', change);

/** A name of any value of the graph. */
function anyValue({ node, initializer, input }, random) {
  const names = [...input, ...initializer].map(({ name }) => name);
  return pick([...names, ...node.flatMap(({ output }) => output), '', 'nothing'], random);
}

const changeAttribute = (change) =>
  changeNode((node, random) => {
    if (node.attribute.length === 0) return [node];
    const index = random.integer(node.attribute.length);
    const changed = change(node.attribute[index], random);
    return [{ ...node, attribute: replace(node.attribute, index, ...changed) }];
  });

const MUTATIONS = [
  changeNode(() => []),
  changeNode((node) => [node, node]),
  changeNode((node, random, { graphs }) => [pick(pick(graphs, random).node, random) ?? node]),
  changeNode((node, random, { graph }) => [{ ...node, opType: pick(graph.node, random).opType }]),
  changeNode((node, random, { graphs }) => {
    const from = pick(pick(graphs, random).node, random) ?? node;
    return [{ ...node, opType: from.opType, attribute: from.attribute }];
  }),
  changeNode((node, random, { graph }) => [
    {
      ...node,
      input: node.input.map((name) => (random.integer(2) ? name : anyValue(graph, random))),
    },
  ]),
  changeNode((node, random, { graph }) => [
    { ...node, input: [...node.input, anyValue(graph, random)] },
  ]),
  changeNode((node) => [{ ...node, input: node.input.slice(1) }]),
  changeNode((node, random, { graph }) => [{ ...node, output: [anyValue(graph, random)] }]),
  changeNode((node, random, { graph }) => [
    { ...node, input: Array.from({ length: 300 }, () => anyValue(graph, random)) },
  ]),
  changeAttribute(() => []),
  changeAttribute((attribute) => [attribute, attribute]),
  changeAttribute((attribute, random) => [
    {
      ...attribute,
      ints: attribute.ints.map((value) => (random.integer(2) ? value : BigInt(number(random)))),
      ...(attribute.i === undefined ? {} : { i: BigInt(number(random)) }),
      ...(attribute.f === undefined ? {} : { f: pick([0, -1, Number.NaN, 1e38, 0.5], random) }),
    },
  ]),
  changeAttribute((attribute, random) => [{ ...attribute, type: random.integer(9) }]),
  changeAttribute((attribute) => [{ ...attribute, ints: [...attribute.ints, ...attribute.ints] }]),
  changeTensor(() => []),
  changeTensor((tensor) => [tensor, tensor]),
  changeTensor((tensor, random) => [{ ...tensor, dataType: random.integer(18) }]),
  changeTensor((tensor, random) => [
    { ...tensor, dims: tensor.dims.map((d) => (random.integer(2) ? d : Math.abs(number(random)))) },
  ]),
  changeTensor((tensor) => [{ ...tensor, dims: [...tensor.dims].reverse() }]),
  changeTensor((tensor) => [{ ...tensor, dims: [...tensor.dims, 1] }]),
  changeTensor((tensor, random) => [
    {
      ...tensor,
      externalData: tensor.externalData.map(({ key, value }) =>
        random.integer(2) ? { key, value } : { key, value: pick(ENTRIES, random) },
      ),
    },
  ]),
  changeTensor((tensor, random) => {
    const { rawData = new Uint8Array() } = tensor;
    // What integers say: shapes, axes, ranges.
    const bytes = rawData.slice();
    if (bytes.length > 0) bytes[random.integer(bytes.length)] = random.integer(256);
    return [{ ...tensor, rawData: bytes }];
  }),
  changeOne('input', (value, random) => [changeShape(value, random)]),
  changeOne('output', (value, random) => [changeShape(value, random)]),
  changeOne('output', (value, random, { graph }) => [{ ...value, name: anyValue(graph, random) }]),
  changeOne('output', (value, random, { graph }) => [
    value,
    { ...value, name: anyValue(graph, random) },
  ]),
  (graph, random) => ({ ...graph, node: [...graph.node].sort(() => random.integer(3) - 1) }),
];

function changeShape(value, random) {
  const dim = value.type?.tensorType?.shape?.dim ?? [];
  const changed = dim.map((axis) => (random.integer(3) ? axis : { dimValue: number(random) }));
  const tensorType = { ...value.type?.tensorType, shape: { dim: changed } };
  return { ...value, type: { ...value.type, tensorType } };
}

/** Decoded once: no mutation changes a model, it makes another. */
const decoded = new WeakMap();

function decodeSeed(seed) {
  if (!decoded.has(seed)) decoded.set(seed, decodeModel(seed.bytes));
  return decoded.get(seed);
}

/** One to three changes of a model's graph, or of its operator set. As `mutate` of mutate.mjs. */
export function mutateModel(seeds, random) {
  const seed = pick(seeds, random);
  const model = decodeSeed(seed);
  const graphs = [model.graph, decodeSeed(pick(seeds, random)).graph];
  let { graph } = model;
  for (let count = 1 + random.integer(3); count > 0; count -= 1) {
    graph = pick(MUTATIONS, random)(graph, random, graphs);
  }
  const opsetImport =
    random.integer(10) === 0 ? [{ domain: '', version: random.integer(30) }] : model.opsetImport;
  // Names as they are, or a file of ours that is none.
  const metadataProps = random.integer(10) === 0 ? [] : model.metadataProps;
  const bytes = encodeModel({ ...model, opsetImport, metadataProps, graph });
  return { name: seed.name, bytes };
}
