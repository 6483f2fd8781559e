import { AlexNetError } from '@alexnet/core';
import { type ConvGeometry, isFourierQuicker } from '@alexnet/export';

/** How the three passes of one convolution are computed. The results agree within rounding. */
export interface LayerRecipe {
  /** y: by a convolution operator, or through the Fourier transform of the maps. */
  readonly forward: 'direct' | 'fourier';
  /** dx: a convolution of dy with the kernel turned round, one transposed, or through the transform. */
  readonly data: 'turned' | 'transposed' | 'fourier';
  /** dw: a product with the columns of x, a convolution of x with dy as the kernel, or through the transform. */
  readonly weight: 'columns' | 'convolution' | 'fourier';
}

/** The recipes of some convolutions, by layer; the others go by counting. */
export type LayerRecipes = Readonly<Record<string, LayerRecipe>>;

/**
 * How convolutions are computed where the number of pictures is known: `direct` without the Fourier transform,
 * `fourier` through it where the stride is 1, `counted` as the number of products says, layer by layer.
 */
export type ConvolutionRecipe = (typeof CONVOLUTION_RECIPES)[number];

export const CONVOLUTION_RECIPES = ['counted', 'direct', 'fourier'] as const;

/** What a pass has to choose from. */
export type PassRecipes = { readonly [Pass in keyof LayerRecipe]: readonly LayerRecipe[Pass][] };

/** Everything that there is. */
export const PASS_RECIPES: PassRecipes = {
  forward: ['direct', 'fourier'],
  data: ['turned', 'transposed', 'fourier'],
  weight: ['columns', 'convolution', 'fourier'],
};

/** What a geometry allows, the direct one that is likely to be quick first. */
export function listPassRecipes(geometry: ConvGeometry): PassRecipes {
  if (isStrided(geometry)) {
    // A convolution is faster where x has few channels and many pixels, as in conv1.
    return { forward: ['direct'], data: ['transposed'], weight: ['convolution', 'columns'] };
  }
  const data = canTurn(geometry) ? (['turned', 'transposed'] as const) : (['transposed'] as const);
  return {
    forward: ['direct', 'fourier'],
    data: [...data, 'fourier'],
    // A convolution whose kernel is as large as a map is far slower than columns.
    weight: ['columns', 'fourier'],
  };
}

/** The same recipe for all passes, as far as the geometry allows it. */
export function makeUniformRecipe(
  geometry: ConvGeometry,
  recipe: Exclude<ConvolutionRecipe, 'counted'>,
): LayerRecipe {
  const { forward, data, weight } = listPassRecipes(geometry);
  const pick = <Name extends string>(names: readonly Name[], otherwise: Name) =>
    names.find((name) => name === recipe) ?? names[0] ?? otherwise;
  return {
    forward: pick(forward, 'direct'),
    data: pick(data, 'transposed'),
    weight: pick(weight, 'columns'),
  };
}

/** Chosen by counting products: the same on every machine. */
export function countRecipe(geometry: ConvGeometry): LayerRecipe {
  return makeUniformRecipe(geometry, isFourierQuicker(geometry) ? 'fourier' : 'direct');
}

/**
 * The recipe of a layer.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for one that the geometry does not allow
 */
export function resolveRecipe(
  convolutions: ConvolutionRecipe | LayerRecipes,
  name: string,
  geometry: ConvGeometry,
): LayerRecipe {
  if (convolutions === 'counted') return countRecipe(geometry);
  if (typeof convolutions === 'string') return makeUniformRecipe(geometry, convolutions);
  const own = Object.hasOwn(convolutions, name) ? convolutions[name] : undefined;
  if (!own) return countRecipe(geometry);
  checkRecipe(name, geometry, own);
  return own;
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` if the geometry does not allow a recipe, naming the pass */
export function checkRecipe(name: string, geometry: ConvGeometry, recipe: LayerRecipe): void {
  const allowed = listPassRecipes(geometry);
  for (const pass of ['forward', 'data', 'weight'] as const) {
    const names: readonly string[] = allowed[pass];
    if (names.includes(recipe[pass])) continue;
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `${name} has the recipe "${recipe[pass]}" for "${pass}", which its kernel, stride or padding does not allow.`,
      hint: `Use one of ${names.join(', ')}.`,
      path: ['convolutions', name, pass],
    });
  }
}

function isStrided({ strides }: ConvGeometry): boolean {
  return strides.some((stride) => stride > 1);
}

/** Padding beyond the kernel would be negative for the kernel turned round. */
function canTurn({ pads, kernel }: ConvGeometry): boolean {
  return pads.every((pad, side) => pad < (kernel[side % 2] ?? 0));
}
