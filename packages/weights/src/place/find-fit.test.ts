import { createNetwork, PRESET_IDS, type PresetId } from '@alexnet/core';
import { expect, test } from 'vitest';
import { FAMILIES } from './find-fit.ts';

/** Names and shapes of what a preset learns, with options that tell presets apart. */
function shapesOf(preset: PresetId): string {
  return [{}, { classes: 7, channels: 1 }, { widthMultiplier: 0.5 }]
    .map((options) => createNetwork(preset, options).graph.parameters)
    .map((parameters) => parameters.map(({ name, shape }) => `${name} ${shape}`).join(';'))
    .join('\n');
}

test('presets are in one family exactly if their arrays have the same shapes', () => {
  const found = new Map<string, PresetId[]>();
  for (const preset of PRESET_IDS) {
    const shapes = shapesOf(preset);
    found.set(shapes, [...(found.get(shapes) ?? []), preset]);
  }
  const families = [...found.values()].filter(({ length }) => length > 1);
  const sorted = (lists: readonly (readonly PresetId[])[]) =>
    lists.map((list) => list.toSorted().join()).toSorted();
  expect(sorted(families)).toEqual(sorted(FAMILIES));
});
