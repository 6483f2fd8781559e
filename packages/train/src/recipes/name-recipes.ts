import {
  type ConvolutionLayer,
  type ConvolutionRecipe,
  type LayerRecipe,
  type LayerRecipes,
  listConvolutions,
  makeUniformRecipe,
  resolveRecipe,
} from '@alexnet/autodiff';
import type { Graph } from '@alexnet/core';

export interface NamedRecipe {
  readonly layer: string;
  /** `direct`, `fourier`, or what is used forwards and for each gradient that is taken: `fourier/turned/columns`. */
  readonly recipe: string;
}

/**
 * How the convolutions of a training step are computed, in words.
 *
 * @param options.batchSize - pictures that are computed at once
 * @param options.frozen - names of the parameters that do not learn
 */
export function nameRecipes(
  graph: Graph,
  {
    batchSize,
    frozen,
    convolutions,
  }: {
    readonly batchSize: number;
    readonly frozen: readonly string[];
    readonly convolutions: ConvolutionRecipe | LayerRecipes;
  },
): readonly NamedRecipe[] {
  const isFrozen = new Set(frozen);
  const trainable = (parameter: string) => !isFrozen.has(parameter);
  return listConvolutions(graph, { batchSize, trainable }).map((layer) => ({
    layer: layer.name,
    recipe: nameRecipe(layer, resolveRecipe(convolutions, layer.name, layer.geometry)),
  }));
}

function nameRecipe({ geometry, wanted }: ConvolutionLayer, recipe: LayerRecipe): string {
  const taken = ({ forward, data, weight }: LayerRecipe) =>
    [forward, ...(wanted.data ? [data] : []), ...(wanted.weight ? [weight] : [])].join('/');
  const uniform = (['direct', 'fourier'] as const).find(
    (name) => taken(makeUniformRecipe(geometry, name)) === taken(recipe),
  );
  return uniform ?? taken(recipe);
}
