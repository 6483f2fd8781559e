import type { Initializer, Shape } from '@alexnet/core';
import type { FieldReader } from './fields.ts';

/**
 * How Caffe draws an array at first, where that can be said here; nothing where the file does not say.
 *
 * @param shape - of the layer's weights
 * @see `include/caffe/filler.hpp` of Caffe
 */
export function fillerOf(
  settings: FieldReader,
  name: string,
  shape: Shape,
): { readonly initializer?: Initializer } {
  if (!settings.has(name)) return {};
  const filler = settings.message(name);
  const fan = fanOf(filler, shape);
  switch (filler.text('type') || 'constant') {
    case 'constant':
      return { initializer: { kind: 'constant', value: filler.number('value', 0) } };
    case 'gaussian': {
      const [mean, std] = [filler.number('mean', 0), filler.number('std', 1)];
      return std >= 0 ? { initializer: { kind: 'normal', mean, std } } : {};
    }
    case 'xavier':
      return { initializer: { kind: 'uniform', bound: Math.sqrt(3 / fan) } };
    case 'msra':
      return { initializer: { kind: 'normal', mean: 0, std: Math.sqrt(2 / fan) } };
    case 'uniform': {
      const [min, max] = [filler.number('min', 0), filler.number('max', 1)];
      return min === -max && max >= 0 ? { initializer: { kind: 'uniform', bound: max } } : {};
    }
    default:
      return {};
  }
}

function fanOf(filler: FieldReader, [out = 1, ...rest]: Shape): number {
  const fanIn = rest.reduce((product, length) => product * length, 1);
  const [, ...kernel] = rest;
  const fanOut = kernel.reduce((product, length) => product * length, out);
  switch (filler.oneOf('variance_norm', ['FAN_IN', 'FAN_OUT', 'AVERAGE'])) {
    case 'FAN_OUT':
      return fanOut;
    case 'AVERAGE':
      return (fanIn + fanOut) / 2;
    default:
      return fanIn;
  }
}
