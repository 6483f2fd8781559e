import {
  type ConvolutionLayer,
  countRecipe,
  type LayerRecipe,
  listPassRecipes,
  makeUniformRecipe,
} from '@alexnet/autodiff';

/** Milliseconds of two recipes of a layer, measured in turns. */
export type Race = (
  champion: LayerRecipe,
  challenger: LayerRecipe,
) => Promise<readonly [championMs: number, challengerMs: number]>;

/** What may be left of the time: gains of less than a tenth on a layer by itself were not found again in whole steps. */
const WORTHWHILE = 0.9;

/**
 * The quickest recipe of a layer, by races against the best one so far: first the same for all passes, then each
 * pass that the step takes by itself, because passes share what the Fourier transform makes of their operands. The
 * counted recipe stays unless another is clearly quicker.
 */
export async function chooseRecipe(
  { geometry, wanted }: ConvolutionLayer,
  race: Race,
): Promise<LayerRecipe> {
  let best = countRecipe(geometry);
  const tried = new Set([JSON.stringify(best)]);
  const challenge = async (challenger: LayerRecipe) => {
    const key = JSON.stringify(challenger);
    if (tried.has(key)) return;
    tried.add(key);
    const [championMs, challengerMs] = await race(best, challenger);
    if (challengerMs < WORTHWHILE * championMs) best = challenger;
  };
  for (const recipe of ['direct', 'fourier'] as const) {
    const uniform = makeUniformRecipe(geometry, recipe);
    await challenge({
      forward: uniform.forward,
      data: wanted.data ? uniform.data : best.data,
      weight: wanted.weight ? uniform.weight : best.weight,
    });
  }
  const all = listPassRecipes(geometry);
  for (const pass of ['forward', 'data', 'weight'] as const) {
    if (pass !== 'forward' && !wanted[pass]) continue;
    const [direct] = all[pass];
    await challenge({ ...best, [pass]: direct });
    // The other direct ones are much alike: of no use where the transform is quicker than the first.
    if (best[pass] === 'fourier') continue;
    for (const each of all[pass]) await challenge({ ...best, [pass]: each });
  }
  return best;
}
