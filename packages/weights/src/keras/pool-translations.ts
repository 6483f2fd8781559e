import type { ChainLayer } from './chain.ts';
import { type KerasDraft, NO_PADS, unsupportedLayer } from './graph-draft.ts';
import { needPlane, planWindow } from './window.ts';

export function addMaxPool(draft: KerasDraft, chained: ChainLayer): void {
  const [C, H, W] = needPlane(draft, chained);
  const kernel = chained.layer.attributes.poolSize ?? [2, 2];
  const isPadded = draft.pads.some((pad) => pad > 0);
  // A pool's own padding never wins; zeros do, unless there is nothing below them.
  if (isPadded && !draft.isPositive) {
    throw unsupportedLayer(chained, 'reads zeros of a ZeroPadding2D beside negative numbers');
  }
  const { stride, pads, out } = planWindow(draft, chained, { kernel, size: [H, W] });
  checkPads(draft, chained, kernel);
  draft.builder.maxPool(draft.nameNode(chained.layer.name), { kernel, stride, pads });
  draft.shape = [C, ...out];
  draft.pads = NO_PADS;
}

export function addAveragePool(draft: KerasDraft, chained: ChainLayer): void {
  const [C, H, W] = needPlane(draft, chained);
  const { poolSize: kernel = [2, 2], padding = 'valid' } = chained.layer.attributes;
  const isPadded = draft.pads.some((pad) => pad > 0);
  // "same" leaves its own padding out of the mean; zeros of another layer count.
  if (isPadded && padding !== 'valid') {
    throw unsupportedLayer(chained, 'reads zeros of a ZeroPadding2D and pads by itself');
  }
  const { stride, pads, out } = planWindow(draft, chained, { kernel, size: [H, W] });
  checkPads(draft, chained, kernel);
  const options = { kernel, stride, pads, countIncludePad: isPadded };
  draft.builder.averagePool(draft.nameNode(chained.layer.name), options);
  draft.shape = [C, ...out];
  draft.pads = NO_PADS;
}

export function addGlobalPool(draft: KerasDraft, chained: ChainLayer, kind: 'mean' | 'max'): void {
  const [C, H, W] = needPlane(draft, chained);
  const { name, attributes } = chained.layer;
  if (draft.pads.some((pad) => pad > 0)) {
    throw unsupportedLayer(chained, 'reads zeros that a ZeroPadding2D put around its input');
  }
  const node = draft.nameNode(name);
  if (kind === 'mean') draft.builder.adaptiveAveragePool(node, 1);
  else draft.builder.maxPool(node, { kernel: [H, W] });
  draft.shape = [C, 1, 1];
  if (attributes.keepDims) return;
  draft.builder.flatten(draft.nameNode(`${name}_flatten`));
  draft.shape = [C];
}

/** A window that sees nothing but zeros is none here. */
function checkPads(
  draft: KerasDraft,
  chained: ChainLayer,
  kernel: readonly [number, number],
): void {
  const [top, left, bottom, right] = draft.pads;
  if (Math.max(top, bottom) < kernel[0] && Math.max(left, right) < kernel[1]) return;
  throw unsupportedLayer(chained, 'has windows that see nothing but the zeros of a ZeroPadding2D');
}
