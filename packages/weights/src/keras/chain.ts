import { AlexNetError } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import { findGroupedConv } from './grouped-conv.ts';
import type { KerasLayer, KerasNetwork } from './keras-network.ts';

/** A layer of a chain, models inside it taken apart. */
export interface ChainLayer {
  readonly layer: KerasLayer;
  /** Name of the layer, after those of the models that it lies in. */
  readonly path: readonly string[];
}

/**
 * The layers of a network in the order in which they run, if each reads the one before it.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` naming the layer where it is no chain, `INVALID_MODEL` where layers
 *   are read that are not there
 */
export function listChain(
  network: KerasNetwork,
  above: readonly string[] = [],
): readonly ChainLayer[] {
  return order(network).flatMap((layer) => {
    const path = [...above, layer.name];
    return layer.network ? listChain(layer.network, path) : [{ layer, path }];
  });
}

/** From the result back to the input; a Sequential's list is its order. */
function order({ layers, outputs }: KerasNetwork): readonly KerasLayer[] {
  if (layers.every(({ inputs }) => inputs === null)) return layers;
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  if (byName.size < layers.length) throw broken('two layers have the same name');
  const [output, ...more] = outputs;
  if (output === undefined || more.length > 0) {
    throw branched(`the network gives ${outputs.length} results`, output ?? '');
  }
  const chain: KerasLayer[] = [];
  let name: string | undefined = output;
  while (name !== undefined) {
    const found = byName.get(name);
    if (!found) throw broken(`layer ${quoteName(name)} is read, but is not there`);
    const layer = findGroupedConv(found, byName) ?? found;
    if (chain.length >= layers.length) throw broken(`layer ${quoteName(name)} reads itself`);
    chain.push(layer);
    name = findInput(layer);
  }
  return chain.reverse();
}

/** The one layer that a layer reads; undefined for an input. */
function findInput({ name, className, inputs }: KerasLayer): string | undefined {
  const [use = [], ...others] = inputs ?? [];
  if (others.length > 0)
    throw branched(`layer ${quoteName(name)} is used ${others.length + 1} times`, name);
  const [input, ...more] = use;
  if (input === undefined && className !== 'InputLayer') {
    throw broken(`layer ${quoteName(name)} (${className}) reads nothing`);
  }
  if (more.length > 0) {
    const reason = `layer ${quoteName(name)} (${className}) reads ${use.length} values`;
    throw branched(reason, name);
  }
  return input;
}

function branched(reason: string, name: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The Keras network is no chain of layers: ${reason}.`,
    hint: 'Layers that read one value each can be written as a graph; towers that meet again cannot.',
    path: [name],
  });
}

function broken(reason: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `The description of the Keras network does not fit together: ${reason}.`,
    hint: 'The file was altered: save it again.',
  });
}
