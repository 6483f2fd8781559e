import type { ChainLayer } from './chain.ts';
import { type KerasDraft, unsupportedLayer } from './graph-draft.ts';

/** Adds the activation of a layer, if it has one that does anything. */
export function addActivation(draft: KerasDraft, chained: ChainLayer, name: string): void {
  const { activation = 'linear' } = chained.layer.attributes;
  switch (activation) {
    case 'linear':
      return;
    case 'relu':
      draft.builder.relu(draft.nameNode(name));
      draft.isPositive = true;
      return;
    case 'tanh':
      draft.builder.tanh(draft.nameNode(name));
      draft.isPositive = false;
      return;
    case 'softmax':
      if (draft.shape.length !== 1) {
        throw unsupportedLayer(chained, 'has a softmax over feature maps');
      }
      draft.builder.softmax(draft.nameNode(name));
      draft.isPositive = true;
      return;
    default: {
      const shown = activation.length > 30 ? `${activation.slice(0, 30)}…` : activation;
      const hint = 'Known: linear, relu, tanh, softmax.';
      throw unsupportedLayer(chained, `has the activation ${JSON.stringify(shown)}`, hint);
    }
  }
}
