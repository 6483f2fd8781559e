import { type ConvolutionLayer, countRecipe, type LayerRecipe } from '@alexnet/autodiff';
import { expect, test } from 'vitest';
import { chooseRecipe } from './choose-recipe.ts';

/** The fourth layer of AlexNet for 32 pictures, which counting puts through the transform. */
function conv4(wanted = { data: true, weight: true }): ConvolutionLayer {
  const extent = (channels: number) => ({ batch: 32, channels, height: 13, width: 13 });
  const geometry = {
    x: extent(384),
    dy: extent(256),
    kernel: [3, 3],
    strides: [1, 1],
    pads: [1, 1, 1, 1],
    group: 1,
  } as const;
  return { name: 'conv4', geometry, wanted };
}

type Costs = { readonly [Name in LayerRecipe[keyof LayerRecipe]]?: number };

/** A race in which each pass takes what its recipe costs; 10 ms unless said. */
function playRace(costs: Costs) {
  const races: (readonly LayerRecipe[])[] = [];
  const timeOf = ({ forward, data, weight }: LayerRecipe) =>
    [forward, data, weight].reduce((sum, name) => sum + (costs[name] ?? 10), 0);
  return {
    races,
    race: async (champion: LayerRecipe, challenger: LayerRecipe) => {
      races.push([champion, challenger]);
      return [timeOf(champion), timeOf(challenger)] as const;
    },
  };
}

test('the quickest wins', async () => {
  const { race } = playRace({ fourier: 20 });
  expect(await chooseRecipe(conv4(), race)).toMatchObject({ forward: 'direct', weight: 'columns' });
});

test('each pass has its own', async () => {
  const { race } = playRace({ direct: 30, turned: 15, transposed: 5, columns: 40 });
  expect(await chooseRecipe(conv4(), race)).toEqual({
    forward: 'fourier',
    data: 'fourier',
    weight: 'fourier',
  });
  const slowTransform = playRace({ direct: 30, turned: 5, transposed: 1, columns: 40 });
  expect(await chooseRecipe(conv4(), slowTransform.race)).toEqual({
    forward: 'fourier',
    data: 'transposed',
    weight: 'fourier',
  });
});

test('a gain within the noise changes nothing', async () => {
  const { race } = playRace({ direct: 9.5, turned: 9.5, transposed: 9.5, columns: 9.5 });
  expect(await chooseRecipe(conv4(), race)).toEqual(countRecipe(conv4().geometry));
});

test('passes that the step does not take are not tried', async () => {
  const { races, race } = playRace({ direct: 5, turned: 1, transposed: 1, columns: 1 });
  const frozen = conv4({ data: false, weight: false });
  expect(await chooseRecipe(frozen, race)).toEqual({
    forward: 'direct',
    data: 'fourier',
    weight: 'fourier',
  });
  expect(races).toHaveLength(1);
});

test('no two races are alike', async () => {
  const { races, race } = playRace({ fourier: 20 });
  await chooseRecipe(conv4(), race);
  const challengers = races.map(([, challenger]) => JSON.stringify(challenger));
  expect(new Set(challengers).size).toBe(challengers.length);
});
