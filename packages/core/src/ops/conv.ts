import { AlexNetError } from '../errors.ts';
import { formatShape, sizeOf } from '../tensor.ts';
import type { NodeBase } from './node-base.ts';
import type { OpDefinition } from './op-definition.ts';
import { checkRank, inferWindowedSize, parseWindow, type WindowAttributes } from './window.ts';

export interface ConvAttributes extends WindowAttributes {
  /** The channels fall into this many groups that do not see each other: 2 in the 2012 network. */
  readonly group: number;
}

/** inputs: x [N, I, H, W], weight [O, I / group, kH, kW], bias [O] → [N, O, H', W'] */
export type ConvNode = NodeBase<'Conv', readonly [string, string, string], ConvAttributes>;

/**
 * Two-dimensional convolution (cross-correlation), zero padded.
 *
 *   y[n,o,i,j] = b[o] + Σ_{c,u,v} x[n, c, i·s + u − pad, j·s + v − pad] · w[o,c,u,v],  c within o's group
 *
 * Shape: x [N, I, H, W], w [O, I / group, kH, kW], b [O] → y [N, O, H', W'],
 *   H' = floor((H + top + bottom − kH) / stride) + 1
 *
 * @see ONNX Conv-11
 */
export const conv: OpDefinition<ConvNode> = {
  arity: 3,
  parseAttributes: (json) => ({ ...parseWindow(json), group: json.field('group').integer(1) }),
  inferShape({ name, inputs, attributes }, [x, weight, bias]) {
    checkRank(name, 'Conv', x, 4);
    const [N, I, H, W] = x as [number, number, number, number];
    const { kernelShape, group } = attributes;
    const [O = 0, channelsPerGroup = 0] = weight;
    const expected = [O, I / group, ...kernelShape];
    if (I % group !== 0 || O % group !== 0 || formatShape(weight) !== formatShape(expected)) {
      throw new AlexNetError('SHAPE_MISMATCH', {
        message:
          channelsPerGroup * group !== I
            ? `${name} expects ${channelsPerGroup * group} input channels but ${inputs[0]} gives ${I}.`
            : `${inputs[1]} is ${formatShape(weight)}, but ${name} needs ${formatShape(expected)} with group ${group}.`,
        hint: `Conv weights are [out, in / group, kernel height, kernel width]; in and out must divide by group (${group}).`,
        path: [name, inputs[0]],
      });
    }
    if (formatShape(bias) !== formatShape([O])) {
      throw new AlexNetError('SHAPE_MISMATCH', {
        message: `${inputs[2]} is ${formatShape(bias)}, but ${name} has ${O} output channels.`,
        hint: `Expected ${formatShape([O])}.`,
        path: [name, inputs[2]],
      });
    }
    return [N, O, ...inferWindowedSize(name, [H, W], attributes)];
  },
  countMultiplyAdds(_node, [, weight], output) {
    const [, ...perOutput] = weight;
    return sizeOf(output) * sizeOf(perOutput);
  },
};
