import { makeAttributeProto } from '../attribute.ts';
import type { NodeReader } from './context.ts';
import { attributesOf } from './graph-node.ts';
import { giveView } from './reshape.ts';

/** From here on, a softmax goes along one axis; before, over all behind it. */
const ALONG_ONE_AXIS = 13;

/** Softmax of a picture of one pixel, [N, classes, 1, 1], as fully convolutional networks end. */
export const readSoftmax: NodeReader = (node, [x], context) => {
  if (x?.kind !== 'activation' || x.view.length !== 4 || x.shape.length !== 3) return undefined;
  const [, H, W] = x.shape;
  const attributes = attributesOf(node);
  const axis = attributes.integer('axis', node.opset < ALONG_ONE_AXIS ? 1 : -1);
  attributes.checkAllRead();
  if (H !== 1 || W !== 1 || (axis !== 1 && axis !== -3)) return undefined;
  const output = context.draft.uniqueName(`${node.name}/features`);
  const flat = { ...node, name: output, inputs: node.inputs, outputs: [output] };
  const features = giveView(x, x.view.slice(0, 2), flat, context);
  const along = { ...node, attributes: [makeAttributeProto('axis', { i: 1 })] };
  const [value] = context.read(along, [features]);
  return value?.kind === 'activation' ? { ...value, view: [...value.view, [], []] } : value;
};
