import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createModel, createRandom, isAlexNetError, type Random } from '@alexnet/core';
import {
  decodeModel,
  encodeModel,
  exportOnnx,
  type GraphProto,
  importOnnx,
  type NodeProto,
  readOnnxMetadata,
} from '@alexnet/export';
import { expect, test } from 'vitest';

/** Tests that so many damaged files of each kind are read, or refused. */
export function testDamagedFiles(cases: number): void {
  test(`${cases} damaged files are read, or refused with an error of ours`, () => {
    const outcomes = readDamagedFiles(cases);
    expect([...outcomes.keys()].sort()).toEqual(['INVALID_MODEL', 'UNSUPPORTED', 'read']);
    expect(outcomes.get('INVALID_MODEL')).toBeGreaterThan(cases / 4);
  });

  test(`${cases} damaged files of other programs are read, or refused with an error of ours`, () => {
    const outcomes = readDamagedForeignFiles(cases);
    expect([...outcomes.keys()].sort()).toEqual(['INVALID_MODEL', 'UNSUPPORTED', 'read']);
  });
}

/** How often files were read, and how often refused with each code. */
type Outcomes = ReadonlyMap<string, number>;

/** Bytes that mean something in protobuf: ends of varints, common tags, long lengths. */
const TELLING = [0x00, 0x01, 0x07, 0x08, 0x0a, 0x0b, 0x0c, 0x3a, 0x7f, 0x80, 0xff];

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => bytes.slice(0, random.integer(bytes.length)),
  (bytes, random) => overwrite(bytes, random, () => random.integer(256)),
  (bytes, random) => overwrite(bytes, random, () => TELLING[random.integer(TELLING.length)] ?? 0),
  (bytes, random) => {
    const [begin, end] = pickRange(bytes, random);
    return splice(bytes, begin, end, new Uint8Array());
  },
  (bytes, random) => {
    const [begin, end] = pickRange(bytes, random);
    return splice(bytes, end, end, bytes.subarray(begin, end));
  },
  (bytes, random) => {
    const at = random.integer(bytes.length);
    return splice(bytes, at, at, new Uint8Array(random.integer(16)).fill(random.integer(256)));
  },
];

function overwrite(bytes: Uint8Array, random: Random, pick: () => number): Uint8Array {
  const mutated = bytes.slice();
  for (let count = 1 + random.integer(4); count > 0; count -= 1) {
    mutated[random.integer(bytes.length)] = pick();
  }
  return mutated;
}

function pickRange(bytes: Uint8Array, random: Random): readonly [number, number] {
  const begin = random.integer(bytes.length);
  return [begin, Math.min(bytes.length, begin + 1 + random.integer(64))];
}

function splice(bytes: Uint8Array, begin: number, end: number, middle: Uint8Array): Uint8Array {
  const spliced = new Uint8Array(begin + middle.length + bytes.length - end);
  spliced.set(bytes.subarray(0, begin));
  spliced.set(middle, begin);
  spliced.set(bytes.subarray(end), begin + middle.length);
  return spliced;
}

/** @returns the code of the refusal, `read` where there was none */
function attempt(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    if (isAlexNetError(error)) return error.code;
    throw error;
  }
}

/** Reads a file of ours, and what is in it beside its weights, damaged in so many ways. */
function readDamagedFiles(cases: number): Outcomes {
  const whole = exportOnnx(createModel('mini', { widthMultiplier: 0.002, classes: 3 }));
  const random = createRandom(20120930);
  const outcomes = new Map<string, number>();
  for (let index = 0; index < cases; index += 1) {
    const mutate = MUTATIONS[index % MUTATIONS.length];
    const damaged = mutate?.(whole, random) ?? whole;
    for (const read of [importOnnx, readOnnxMetadata]) {
      const outcome = attempt(() => read(damaged));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  return outcomes;
}

/** Numbers that are legal somewhere and a trap elsewhere. */
const TRAPS = [-(2n ** 63n), -1n, 0n, 1n, 2n, 3n, 7n, 2n ** 31n, 2n ** 40n, 2n ** 53n - 1n];
const OPERATORS =
  'Add Concat Conv Div Flatten Gemm Identity LRN MatMul MaxPool Mul Pad Pow Reshape Shape Slice Split Squeeze Transpose Unsqueeze'.split(
    ' ',
  );

type Change = (graph: GraphProto, random: Random) => Partial<GraphProto>;

/** Faults of a graph that is whole as a message. */
const CHANGES: readonly Change[] = [
  changeNode((node, random, graph) => ({
    input: node.input.map((name) => (random.integer(2) === 0 ? pickValue(graph, random) : name)),
  })),
  changeNode((_node, random) => ({ opType: OPERATORS[random.integer(OPERATORS.length)] ?? '' })),
  changeNode(({ attribute }) => ({ attribute: attribute.slice(1) })),
  changeNode(({ attribute }, random) => ({
    attribute: attribute.map((one) => ({
      ...one,
      ...(one.i === undefined ? {} : { i: pickTrap(random) }),
      ints: one.ints.map((value) => (random.integer(2) === 0 ? pickTrap(random) : value)),
    })),
  })),
  changeNode(({ input }) => ({ input: [...input].reverse() })),
  ({ node }, random) => ({
    node: node.filter((_, index) => index !== random.integer(node.length)),
  }),
  ({ initializer }, random) => {
    const target = random.integer(Math.max(1, initializer.length));
    const dims = [0, 1, 2].slice(random.integer(3)).map(() => Number(pickTrap(random) & 0xffffn));
    return {
      initializer: initializer.map((one, index) => (index === target ? { ...one, dims } : one)),
    };
  },
  ({ initializer }, random) => {
    const target = random.integer(Math.max(1, initializer.length));
    const value = BigInt64Array.from({ length: 8 }, () => pickTrap(random));
    const rawOf = (length: number) => new Uint8Array(value.buffer).slice(0, length);
    return {
      initializer: initializer.map((one, index) =>
        index === target && one.dataType === 7
          ? { ...one, rawData: rawOf(one.rawData?.length ?? 0) }
          : one,
      ),
    };
  },
];

function changeNode(
  change: (node: NodeProto, random: Random, graph: GraphProto) => Partial<NodeProto>,
): Change {
  return (graph, random) => {
    const target = random.integer(graph.node.length);
    const node = graph.node.map((one, index) =>
      index === target ? { ...one, ...change(one, random, graph) } : one,
    );
    return { node };
  };
}

function pickTrap(random: Random): bigint {
  return TRAPS[random.integer(TRAPS.length)] ?? 0n;
}

function pickValue({ node, initializer }: GraphProto, random: Random): string {
  const names = [
    ...node.flatMap(({ output }) => output),
    ...initializer.map(({ name = '' }) => name),
  ];
  return names[random.integer(names.length)] ?? '';
}

/** Files of other programs, as tests/golden/make_onnx_imports_*.py keep them. */
function readForeignFiles(): readonly Uint8Array[] {
  return ['torch', 'tensorflow', 'onnx'].flatMap((name) => {
    const file = new URL(`./golden/imports/${name}.json.gz`, import.meta.url);
    const { cases } = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
    return (cases as readonly { readonly model: string }[]).map(({ model }) => {
      return new Uint8Array(Buffer.from(model, 'base64'));
    });
  });
}

/** Reads files of other programs, one after another, damaged in so many ways. */
function readDamagedForeignFiles(cases: number): Outcomes {
  const files = readForeignFiles();
  const random = createRandom(20141404);
  const outcomes = new Map<string, number>();
  for (let index = 0; index < cases; index += 1) {
    const whole = files[index % files.length] ?? new Uint8Array();
    // Half of them as bytes, half of them as a graph, with one fault or several.
    const damaged = index % 2 === 0 ? damageBytes(whole, random) : damageGraph(whole, random);
    const outcome = attempt(() => importOnnx(damaged));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}

function damageBytes(whole: Uint8Array, random: Random): Uint8Array {
  return MUTATIONS[random.integer(MUTATIONS.length)]?.(whole, random) ?? whole;
}

function damageGraph(whole: Uint8Array, random: Random): Uint8Array {
  const model = decodeModel(whole);
  let { graph } = model;
  for (let count = 1 + random.integer(3); count > 0; count -= 1) {
    graph = { ...graph, ...CHANGES[random.integer(CHANGES.length)]?.(graph, random) };
  }
  return encodeModel({ ...model, graph });
}
