import type { Shape } from '@alexnet/core';
import { concatenate } from '../elements/concatenate.ts';
import type { LayoutConvention } from '../weight-file.ts';
import type { FileLayer, NamedTensor } from './file-layers.ts';
import type { ParameterRole } from './parameter-name.ts';

/** `conv_2_1` and `conv_2_2`, `conv4a` and `conv4b` */
const TOWER = /^(.*\d)[_./-]?([12ab])$/;

/**
 * Joins convolutions that a file has once for each of the two towers of 2012 into the one with two groups that they
 * are: ports to frameworks without groups are written so.
 *
 * @returns undefined if there are none
 */
export function mergeTowers(
  layers: readonly FileLayer[],
  convention: LayoutConvention,
): readonly FileLayer[] | undefined {
  const towers = new Map<string, FileLayer[]>();
  for (const layer of layers) {
    const [, base] = (layer.kind === 'conv' && TOWER.exec(layer.name)) || [];
    if (base !== undefined) towers.set(base, [...(towers.get(base) ?? []), layer]);
  }
  const merged = new Map<FileLayer, FileLayer | null>();
  for (const [name, [first, second, ...others]] of towers) {
    const both = first && second && others.length === 0 && join(name, [first, second], convention);
    if (!both) continue;
    merged.set(first, both).set(second, null);
  }
  if (merged.size === 0) return undefined;
  return layers.flatMap((layer) => {
    const other = merged.get(layer);
    return other === undefined ? [layer] : other === null ? [] : [other];
  });
}

function join(
  name: string,
  [first, second]: readonly [FileLayer, FileLayer],
  convention: LayoutConvention,
): FileLayer | undefined {
  const arrays = new Map<ParameterRole, NamedTensor>();
  for (const [role, a] of first.arrays) {
    const b = second.arrays.get(role);
    const joined = b && concatenate([a.tensor, b.tensor], outputAxis(a.tensor.shape, convention));
    if (!joined) return undefined;
    arrays.set(role, { name: `${a.name} + ${b.name}`, tensor: joined });
  }
  return { name, kind: 'conv', arrays };
}

/** The axis of a convolution's outputs: kernels are square, and seldom as wide as they are deep. */
function outputAxis(shape: Shape, { conv }: LayoutConvention): number {
  if (shape.length < 4) return shape.length - 1;
  const [a, b, c, d] = shape;
  const isLast = a === b && c !== d ? true : c === d && a !== b ? false : conv === 'HWIO';
  return isLast ? 3 : 0;
}
