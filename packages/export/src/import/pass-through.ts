import { DataType } from '../proto/messages.ts';
import type { NodeReader } from './context.ts';
import { attributesOf } from './graph-node.ts';
import { refuse } from './refusal.ts';
import { passOwner } from './reshape.ts';

const FLOATS: ReadonlySet<number> = new Set([
  DataType.float,
  DataType.float16,
  DataType.bfloat16,
  DataType.double,
]);

/** Identity; Cast between floats, which are all float32 here: a network in halves computes more exactly. */
export const passThrough: NodeReader = (node, [x], context) => {
  if (!x) return undefined;
  const attributes = attributesOf(node);
  if (node.opType === 'Cast') {
    const to = attributes.dataType('to');
    attributes.ignore('saturate');
    attributes.ignore('round_mode');
    if (!FLOATS.has(to)) throw refuse(node, `makes data type ${to}; layers here give floats`);
  }
  attributes.checkAllRead();
  return x.kind === 'activation' ? { ...x, owner: passOwner(x, node, context) } : x;
};

/** QuantizeLinear and DequantizeLinear of a layer's values: the rounding between them is left out. */
export const readRounding: NodeReader = (node, [x, ...steps], context) => {
  if (x?.kind !== 'activation' || !steps.every((step) => step?.kind === 'constant'))
    return undefined;
  const attributes = attributesOf(node);
  // Steps of one axis, and their type: of no matter where nothing is rounded.
  for (const ignored of ['axis', 'saturate', 'output_dtype', 'precision'])
    attributes.ignore(ignored);
  attributes.expectInteger('block_size', 0);
  attributes.checkAllRead();
  return { ...x, owner: passOwner(x, node, context) };
};
