import { AlexNetError } from '@alexnet/core';
import { damagedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import type { CaffeLayer } from './caffe-layer.ts';
import { MAX_LAYERS, type RawLayer, type RawNet } from './decode-net.ts';
import { type FieldReader, readFields } from './fields.ts';
import { isForTest } from './phase.ts';
import { foldPaddingLayers, upgradeLayer } from './upgrade-layer.ts';

/** A network of Caffe's, of any version of its format, of a text or a binary file. */
export interface CaffeNet {
  readonly name: string;
  /** V0 of 2013, V1 (`layers`) of 2014, V2 (`layer`) since. */
  readonly version: 'V0' | 'V1' | 'V2';
  /** Inputs that are declared outside the layers, batch included: [10, 3, 227, 227]. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly layers: readonly CaffeLayer[];
}

/**
 * A network with its layers as V2 has them.
 *
 * @throws AlexNetError `INVALID_MODEL`
 */
export function toCaffeNet({ fields, layers, oldLayers }: RawNet): CaffeNet {
  const net = readFields(fields, 'the network');
  if (layers.length > 0 && oldLayers.length > 0) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `The Caffe network has ${oldLayers.length} "layers" and ${layers.length} "layer": two versions of the format.`,
      hint: "Convert it with Caffe's upgrade_net_proto_binary or upgrade_net_proto_text.",
      path: ['layers'],
    });
  }
  const count = layers.length + oldLayers.length;
  if (count > MAX_LAYERS) {
    throw damagedFile('The Caffe network', `it has ${count} layers; ${MAX_LAYERS} are the limit`);
  }
  if (count === 0) throw noLayers(fields.has('base_lr'));
  const isV0 = oldLayers.some((layer) => layer.fields.has('layer'));
  return {
    name: net.text('name'),
    version: isV0 ? 'V0' : oldLayers.length > 0 ? 'V1' : 'V2',
    inputs: readInputs(net),
    layers: [...layers.map(readLayer), ...foldPaddingLayers(oldLayers.map(upgradeLayer))],
  };
}

function readLayer({ fields, blobs }: RawLayer): CaffeLayer {
  const name = readFields(fields, 'a layer').text('name');
  const layer = readFields(fields, quoteName(name));
  return {
    name,
    type: layer.text('type'),
    bottoms: layer.texts('bottom'),
    tops: layer.texts('top'),
    isForTest: isForTest(layer),
    fields,
    blobs,
  };
}

/** Axes of `input_dim`, which has no marks between one input and the next. */
const INPUT_AXES = 4;

function readInputs(net: FieldReader): CaffeNet['inputs'] {
  const shapes = net.messages('input_shape').map((shape) => shape.integers('dim', 0));
  const lengths = net.integers('input_dim', 0);
  return net.texts('input').map((name, index) => ({
    name,
    shape: shapes[index] ?? lengths.slice(index * INPUT_AXES, (index + 1) * INPUT_AXES),
  }));
}

function noLayers(isSolver: boolean): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: isSolver
      ? 'This is a solver of Caffe, not a network: it has no layers.'
      : 'The Caffe network has no layers.',
    hint: isSolver
      ? 'Give the deploy.prototxt that belongs to the weights.'
      : 'Is it a file of another kind? A .caffemodel or .prototxt has "layer" or "layers".',
    path: ['layer'],
  });
}
