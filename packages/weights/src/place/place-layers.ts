import { createTensor, invariant, type Tensor } from '@alexnet/core';
import type { LayoutConvention } from '../weight-file.ts';
import type { Placement } from './align-layers.ts';
import type { NamedTensor } from './file-layers.ts';
import type { PlacedParameter } from './import-report.ts';
import {
  convToLinearWeight,
  type Layout,
  toConvWeight,
  toLinearWeight,
  toVector,
} from './layout.ts';
import type { ParameterRole } from './parameter-name.ts';

export interface PlacedLayers {
  /** By the network's names, in core's layouts; without those that start anew. */
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly placed: readonly PlacedParameter[];
  /** Parameters that the file leaves out because they change nothing. */
  readonly absent: readonly string[];
  /** Parameters of layers that the caller leaves out. */
  readonly fresh: readonly string[];
}

/** What an array is where a file leaves it out: a layer without bias, a normalisation that does not scale. */
const NEUTRAL: Readonly<Record<ParameterRole, number>> = {
  weight: 0,
  bias: 0,
  scale: 1,
  shift: 0,
  mean: 0,
  variance: 1,
};

/** Turns a file's arrays into a network's, under its names. */
export function placeLayers(
  placements: readonly Placement[],
  layout: Layout,
  order: LayoutConvention['flatten'],
): PlacedLayers {
  const weights = new Map<string, Tensor>();
  const placed: PlacedParameter[] = [];
  const absent: string[] = [];
  const fresh: string[] = [];
  for (const placement of placements) {
    const { expected, found, isSkipped } = placement;
    for (const [role, { name, shape }] of expected.parameters) {
      const source = isSkipped ? undefined : found?.arrays.get(role);
      placed.push({ parameter: name, tensor: source?.name ?? null });
      if (isSkipped) fresh.push(name);
      else if (source) weights.set(name, toTensor(placement, role, { source, layout, order }));
      else {
        const tensor = createTensor(shape);
        weights.set(name, { shape, data: tensor.data.fill(NEUTRAL[role]) });
        absent.push(name);
      }
    }
  }
  return { weights, placed, absent, fresh };
}

interface Conversion {
  readonly source: NamedTensor;
  readonly layout: Layout;
  readonly order: LayoutConvention['flatten'];
}

function toTensor(
  { expected, found }: Placement,
  role: ParameterRole,
  { source, layout, order }: Conversion,
): Tensor {
  invariant(found, `${expected.name} has an array but no layer`);
  if (role !== 'weight') return toVector(source.tensor);
  if (expected.kind === 'conv') return toConvWeight(source.tensor, layout);
  if (found.kind === 'conv') return convToLinearWeight(source.tensor, layout);
  const { flattened } = expected;
  return toLinearWeight(source.tensor, layout, flattened && { ...flattened, order });
}
