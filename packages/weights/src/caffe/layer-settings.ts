import { AlexNetError } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import type { CaffeLayer } from './caffe-layer.ts';
import { type FieldReader, readFields } from './fields.ts';
import { describeLayer } from './graph-draft.ts';

/** What a layer does that this does not. */
export function unsupported(layer: CaffeLayer, what: string, hint?: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `${describeLayer(layer)} ${what}.`,
    hint: hint ?? 'The network cannot be written in the operators that there are here.',
    path: [layer.name],
  });
}

/** The settings of a layer: `convolution_param`. */
export function settingsOf({ name, fields }: CaffeLayer, message: string): FieldReader {
  return readFields(fields, quoteName(name)).message(message);
}

/** Options that have one legal value here. */
export function checkOption(
  layer: CaffeLayer,
  settings: FieldReader,
  name: string,
  only: number,
): void {
  const value = settings.number(name, only);
  if (value !== only) throw unsupported(layer, `has ${name} ${value}; only ${only} is read`);
}
