import { createNetwork, type Network, type PresetId, type PresetOptions } from '@alexnet/core';
import { type ExpectedLayer, listExpectedLayers } from './expected-layers.ts';
import { tolerate } from './tolerate.ts';

/** A preset's network and its layers that a file has to fill. */
export interface BuiltNetwork {
  readonly network: Network;
  readonly layers: readonly ExpectedLayer[];
}

/** Builds presets, each once; undefined for options that a preset cannot have. */
export type NetworkBuilder = (preset: PresetId, options: PresetOptions) => BuiltNetwork | undefined;

export function createNetworkBuilder(): NetworkBuilder {
  const built = new Map<string, BuiltNetwork | undefined>();
  return (preset, options) => {
    const key = JSON.stringify([preset, Object.entries(options).sort()]);
    if (!built.has(key)) built.set(key, build(preset, options));
    return built.get(key);
  };
}

function build(preset: PresetId, options: PresetOptions): BuiltNetwork | undefined {
  return tolerate(() => {
    const network = createNetwork(preset, options);
    return { network, layers: listExpectedLayers(network.graph) };
  });
}
