import { createModel, isAlexNetError } from '@alexnet/core';
import { expect } from 'vitest';
import { type Attribute, makeAttributeProto } from './attribute.ts';
import { importOnnx } from './import-onnx.ts';
import { encodeModel } from './proto/codec.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from './proto/messages.ts';
import { toOnnx } from './to-onnx.ts';

export const model = toOnnx(createModel('mini', { widthMultiplier: 0.002, classes: 3 }));

export function read(change: Partial<ModelProto>) {
  return importOnnx(encodeModel({ ...model, ...change }));
}

export function readGraph(change: Partial<GraphProto>) {
  return read({ graph: { ...model.graph, ...change } });
}

export function readNode(name: string, change: (node: NodeProto) => Partial<NodeProto>) {
  const node = model.graph.node.map((old) =>
    old.name === name ? { ...old, ...change(old) } : old,
  );
  return readGraph({ node });
}

export function readAttribute(node: string, name: string, value: Attribute) {
  return readNode(node, ({ attribute }) => ({
    attribute: [...attribute.filter((old) => old.name !== name), makeAttributeProto(name, value)],
  }));
}

export function readWeight(name: string, change: Partial<TensorProto>) {
  const initializer = model.graph.initializer.map((old) =>
    old.name === name ? { ...old, ...change } : old,
  );
  return readGraph({ initializer });
}

export function readProp(key: string, value: string | undefined) {
  const others = model.metadataProps.filter((entry) => entry.key !== key);
  return read({ metadataProps: value === undefined ? others : [...others, { key, value }] });
}

/** The error that a reading ends with, in one line: code, message, hint. */
export function refusal(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    expect(error.hint).toMatch(/\w{2}/);
    return `${error.code}: ${error.message}`;
  }
  throw new Error('The model was accepted.');
}
