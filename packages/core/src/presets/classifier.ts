import type { Graph } from '../graph/graph.ts';
import type { GraphBuilder, LayerInitialization } from '../graph/graph-builder.ts';
import type { ResolvedOptions } from './preset.ts';

/**
 * The three fully connected layers of 2012 behind the last pool, dropout after each hidden one; a whole graph.
 *
 * @see Krizhevsky et al. 2012, §3.5 and §4.2
 */
export function addClassifier(
  features: GraphBuilder,
  { classes, dropout, width }: ResolvedOptions,
  init: { readonly hidden: LayerInitialization; readonly output: LayerInitialization },
): Graph {
  return features
    .flatten('flatten') // [N, 9216]
    .gemm('fc6', { features: width(4096), init: init.hidden }) // [N, 4096]
    .relu('relu6')
    .dropout('drop6', dropout)
    .gemm('fc7', { features: width(4096), init: init.hidden }) // [N, 4096]
    .relu('relu7')
    .dropout('drop7', dropout)
    .gemm('fc8', { features: classes, init: init.output }) // [N, classes]
    .build();
}
