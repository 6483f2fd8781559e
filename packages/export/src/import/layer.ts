import type { Node, NodeOf } from '@alexnet/core';
import { readOnnxNode } from '../onnx-node.ts';
import { findReader } from '../ops/index.ts';
import { absorbAffine, settle, settleAffine } from './affine.ts';
import { constantOf, makeFloats, tensorOf } from './constant.ts';
import type { ImportContext, NodeReader } from './context.ts';
import type { Operand } from './draft.ts';
import type { OnnxGraphNode } from './graph-node.ts';
import { groupsOf } from './normalization.ts';
import { padAveragePool, padMaxPool, sumPads } from './padding.ts';
import { refuse } from './refusal.ts';
import { describeView } from './reshape.ts';
import type { Activation } from './value.ts';
import { isSameAxis, isSameView, lengthOf, positionsOf, viewOf } from './view.ts';

/** Ops that look at one number at a time, so that its place does not matter. */
const ELEMENTWISE: ReadonlySet<string> = new Set(['Relu', 'Tanh', 'Dropout']);
/** Ops that take zeros around their input into their pads. */
const WINDOWED: ReadonlySet<string> = new Set(['Conv', 'MaxPool', 'AveragePool']);
/** Ops that take a scale and a shift of their input into their weights. */
const WEIGHTED: ReadonlySet<string> = new Set(['Conv', 'Gemm']);

/** Operators that are one op of the IR, under ONNX's name for it. */
export const readLayer: NodeReader = (node, [x, ...operands], context) => {
  const read = findReader(node.opType);
  if (!read || x?.kind !== 'activation') return undefined;
  const ready = prepare(x, node, context);
  checkView(ready, node);
  const { node: onnxNode, operandOf } = readOnnxNode(node, [ready, ...operands]);
  const irNode = read(onnxNode);
  onnxNode.checkAllRead();
  const weights = irNode.inputs.slice(1).map((name) => operandOf(name) ?? name);
  const layer = takeIn({ x: ready, node: irNode, weights }, node, context);
  const added = context.draft.add(layer.node, [layer.x.value, ...layer.weights]);
  const isMoved = ELEMENTWISE.has(node.opType) || irNode.op === 'LRN';
  const { affine } = layer.x;
  return { ...added, ...(isMoved ? { view: ready.view } : {}), ...(affine ? { affine } : {}) };
};

/** What of the file's scales, shifts and zeros the layer neither takes in nor passes on is done before it. */
function prepare(x: Activation, node: OnnxGraphNode, context: ImportContext): Activation {
  const isPassed =
    node.opType === 'Dropout' ||
    (node.opType === 'MaxPool' && x.affine?.scale.every((factor) => factor > 0) && !x.padding);
  const plain = isPassed || WEIGHTED.has(node.opType) ? x : settleAffine(x, node, context);
  return WINDOWED.has(node.opType) ? plain : settlePadding(plain, node, context);
}

function settlePadding(x: Activation, node: OnnxGraphNode, context: ImportContext): Activation {
  return x.padding ? settle(x, node, context) : x;
}

/** @throws AlexNetError `UNSUPPORTED` for a value that lies in another way than the layer reads it */
function checkView(x: Activation, node: OnnxGraphNode): void {
  const { opType } = node;
  const isRead =
    ELEMENTWISE.has(opType) ||
    isSameView(x.view, viewOf(x.shape)) ||
    (opType === 'LRN' && groupsOf(x) !== undefined) ||
    (opType === 'Gemm' && x.shape.length === 1 && x.view.length === 2);
  if (isRead) return;
  throw refuse(
    node,
    `reads ${describeView(x.view)}, which is another order or shape than that of ${x.value}, [N, ${x.shape.join(', ')}]`,
    'Layers read pictures as [N, C, H, W] and features as [N, features].',
  );
}

/** A layer that is about to be added, with its input. */
interface Layer<Op extends Node = Node> {
  readonly x: Activation;
  readonly node: Op;
  readonly weights: readonly Operand[];
}

/** Takes into the layer what waits at its input: zeros around it, a scale and a shift, another order. */
function takeIn(layer: Layer, node: OnnxGraphNode, context: ImportContext): Layer {
  const { x, node: irNode, weights } = layer;
  switch (irNode.op) {
    case 'Conv':
      return takeIntoConv({ x, node: irNode, weights }, node, context);
    case 'Gemm':
      return takeIntoGemm({ x, node: irNode, weights }, node, context);
    case 'MaxPool':
      return { ...layer, node: padMaxPool(irNode, x, { node, context }) };
    case 'AveragePool':
      return { ...layer, node: padAveragePool(irNode, x, { node, context }) };
    case 'LRN':
      return { ...layer, node: nameGroup(irNode, groupsOf(x) ?? 1) };
    default:
      return layer;
  }
}

function takeIntoConv(
  { x, node: irNode, weights }: Layer<NodeOf<'Conv'>>,
  node: OnnxGraphNode,
  context: ImportContext,
): Layer {
  if (x.padding && x.padding.fill !== 0) throw refuse(node, `follows a Pad of ${x.padding.fill}`);
  const pads = sumPads(irNode.attributes.pads, x.padding?.pads);
  const padded = { ...irNode, attributes: { ...irNode.attributes, pads } };
  const { padding: _, ...plain } = x;
  const isFramed = pads.some((pad) => pad !== 0);
  const isExact = !isFramed || (x.affine?.shift.every((value) => value === 0) ?? true);
  if (!isExact) return { x: settleAffine(plain, node, context), node: padded, weights };
  return absorb({ x: plain, node: padded, weights }, irNode.attributes.group, context);
}

function takeIntoGemm(
  { x, node: irNode, weights }: Layer<NodeOf<'Gemm'>>,
  node: OnnxGraphNode,
  context: ImportContext,
): Layer {
  const [features = 0] = x.shape;
  const [, axis = []] = x.view;
  const [weight, bias] = weights;
  const tensor = weight && typeof weight !== 'string' ? tensorOf(weight) : undefined;
  const [, canonical = []] = viewOf(x.shape);
  if (!tensor || bias === undefined || isSameAxis(axis, canonical)) {
    return absorb({ x, node: irNode, weights }, 1, context);
  }
  if (axis.includes('batch') || lengthOf(axis) !== features || tensor.shape[1] !== features) {
    throw refuse(
      node,
      `reads ${describeView(x.view)} with weights of [${tensor.shape.join(', ')}]`,
    );
  }
  // The file's features are the IR's in another order: so are the columns of the weight.
  context.budget.take(node.name, tensor.data.length);
  const positions = positionsOf(axis);
  const moved = new Float32Array(tensor.data.length);
  for (let row = 0; row < moved.length; row += features) {
    for (const [column, position] of positions.entries()) {
      moved[row + position] = tensor.data[row + column] ?? 0;
    }
  }
  return absorb({ x, node: irNode, weights: [makeFloats(tensor.shape, moved), bias] }, 1, context);
}

/** @param group - of the convolution */
function absorb(layer: Layer, group: number, { budget }: ImportContext): Layer {
  const { x, node, weights } = layer;
  const { affine, ...plain } = x;
  const [weight, bias] = weights.map((operand) =>
    typeof operand === 'string' ? undefined : tensorOf(operand),
  );
  if (!affine || !weight || !bias) return layer;
  budget.take(node.name, weight.data.length);
  const absorbed = absorbAffine(affine, x.shape, { weight, bias, group });
  return { x: plain, node, weights: [absorbed.weight, absorbed.bias].map(constantOf) };
}

/** Our own exports write LRN in groups as `norm1/normalized`, between two changes of shape. */
function nameGroup(node: NodeOf<'LRN'>, groups: number): Node {
  const inner = '/normalized';
  const attributes = { ...node.attributes, groups };
  if (groups === 1 || !node.output.endsWith(inner)) return { ...node, attributes };
  const strip = (name: string) => (name.endsWith(inner) ? name.slice(0, -inner.length) : name);
  return { ...node, attributes, name: strip(node.name), output: strip(node.output) };
}
