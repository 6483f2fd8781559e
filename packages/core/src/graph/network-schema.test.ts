import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ops } from '../ops/index.ts';
import { readJson } from '../read-json.ts';
import { parseNetworkGraph } from './parse-network.ts';

/** What this test reads of a JSON Schema. */
interface Schema {
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly { readonly if: Schema; readonly then: { readonly $ref: string } }[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly examples?: readonly unknown[];
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const schema: Schema = JSON.parse(
  readFileSync(new URL('../../schema/network.schema.json', import.meta.url), 'utf8'),
);
const definition = (name: string): Schema => schema.$defs?.[name] ?? {};
const opNames = Object.keys(ops).sort();
const node = definition('node');

/** The attributes of the schema's own examples, without some of them. */
function examplesOf(attributes: Schema, without: readonly string[] = []): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes.properties ?? {})
      .filter(([name]) => !without.includes(name))
      .map(([name, { examples }]) => [name, examples?.[0]]),
  );
}

function parse(op: keyof typeof ops, attributes: unknown): object {
  return ops[op].parseAttributes(readJson(attributes, { code: 'INVALID_GRAPH', what: op }));
}

test('every op has a branch in the schema, and no other has', () => {
  expect([...(node.properties?.op?.enum ?? [])].sort()).toEqual(opNames);
  const branches = node.allOf?.map((branch) => [branch.if.properties?.op?.const, branch.then.$ref]);
  expect(branches?.sort()).toEqual(opNames.map((op) => [op, `#/$defs/${op}`]));
});

describe.each(Object.keys(ops) as (keyof typeof ops)[])('%s', (op) => {
  const { properties = {}, required = [] } = definition(op);
  const { inputs = {}, attributes = {} } = properties;
  const optional = Object.keys(attributes.properties ?? {}).filter(
    (name) => !attributes.required?.includes(name),
  );

  test('has as many inputs', () => {
    expect([inputs.minItems, inputs.maxItems]).toEqual([ops[op].arity, ops[op].arity]);
  });

  test('has exactly these attributes', () => {
    const sample = examplesOf(attributes);
    expect(parse(op, sample)).toEqual(sample);
    expect(attributes.additionalProperties).toBe(false);
  });

  test('needs those that the schema requires, and no other', () => {
    expect(required).toEqual(attributes.required ? ['attributes'] : []);
    for (const name of attributes.required ?? []) {
      expect(() => parse(op, examplesOf(attributes, [name])), name).toThrowError(/is missing/);
    }
    const parsed = parse(op, examplesOf(attributes, optional));
    expect(Object.keys(parsed).sort()).toEqual(Object.keys(attributes.properties ?? {}).sort());
  });
});

describe('initializer', () => {
  const kinds = definition('initializer').oneOf ?? [];
  const network = (initializer: unknown) => ({
    name: 'n',
    input: { name: 'x', shape: [2] },
    parameters: [
      { name: 'w', shape: [2, 2], initializer },
      { name: 'b', shape: [2] },
    ],
    nodes: [{ op: 'Gemm', name: 'fc', inputs: ['x', 'w', 'b'], output: 'fc' }],
    output: 'fc',
  });

  test('has exactly these kinds', () => {
    const names = kinds.map(({ properties }) => `"${properties?.kind?.const}"`);
    expect(() => parseNetworkGraph(network({ kind: '?' }))).toThrowError(
      `should be one of ${names.join(', ')}, but is "?"`,
    );
  });

  test.each(kinds.map((kind) => [kind.properties?.kind?.const, kind] as const))(
    '%s has exactly these fields',
    (kind, { properties = {}, required = [] }) => {
      const sample = { ...examplesOf({ properties }), kind };
      const { parameters } = parseNetworkGraph(network(sample));
      expect(parameters[0]?.initializer).toEqual(sample);
      for (const name of required.filter((field) => field !== 'kind')) {
        const { [name]: _left, ...rest } = sample as Record<string, unknown>;
        expect(() => parseNetworkGraph(network(rest)), name).toThrowError(/is missing/);
      }
    },
  );
});
