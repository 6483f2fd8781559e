import { type Shape, sizeOf } from '@alexnet/core';
import type { Placement } from './align-layers.ts';
import type { FileLayer, LayerKind } from './file-layers.ts';
import { convShape, type Layout, linearShape } from './layout.ts';
import type { OrderedLayers } from './order-layers.ts';

/** A file's layers in one of the layouts that it may have. */
export interface FileView {
  readonly layout: Layout;
  readonly layers: OrderedLayers;
}

/**
 * Shape of a layer's weight as core has it; of a normalisation, that of its mean.
 *
 * @param kind - what the network has in its place: dense layers may be written as convolutions
 */
export function shapeAs(kind: LayerKind, found: FileLayer, layout: Layout): Shape {
  const weight = found.arrays.get('weight') ?? found.arrays.get('mean');
  const shape = weight?.tensor.shape ?? [];
  if (found.kind === 'norm') return [sizeOf(shape)];
  if (found.kind === 'dense') return linearShape(shape, layout);
  const conv = convShape(shape, layout);
  return kind === 'dense' ? [conv[0] ?? 0, sizeOf(conv.slice(1))] : conv;
}

/** The same of a layer that is to be loaded; undefined for others. */
export function loadedShape(placement: Placement | undefined, layout: Layout): Shape | undefined {
  if (!placement?.found || placement.isSkipped) return undefined;
  return shapeAs(placement.expected.kind, placement.found, layout);
}
