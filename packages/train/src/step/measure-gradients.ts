import type { Graph } from '@alexnet/core';
import { pick } from '../pick.ts';
import type { EngineFactory, EngineState, StepInput } from '../training-engine.ts';

export interface GradientOptions {
  readonly graph: Graph;
  readonly state: EngineState;
  readonly frozen: readonly string[];
  readonly batchSize: number;
  readonly microBatches: number;
  readonly seed: number;
  readonly createEngine: EngineFactory;
  readonly input: StepInput;
}

/** The rate of the step that gradients are read off: of weights that are rounded, larger than a rate of 1 is exact. */
const RATE = 1000;

/**
 * The gradients of one batch, by the parameter: how far a step without momentum and decay moves it. Any engine
 * can say that. Exact to the rounding of the weights.
 */
export async function measureGradients(options: GradientOptions): Promise<EngineState> {
  const { graph, state, frozen, createEngine, input } = options;
  const { batchSize, microBatches, seed } = options;
  const engine = await createEngine({
    graph,
    state: new Map(graph.parameters.map(({ name }) => [name, pick(state, name)])),
    frozen,
    batchSize,
    microBatches,
    seed,
    rule: {
      optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
      clip: null,
      averageDecay: null,
    },
  });
  try {
    await engine.step({ ...input, learningRate: RATE });
    const after = await engine.readState();
    return new Map(
      graph.parameters.flatMap(({ name, shape }) => {
        if (frozen.includes(name)) return [];
        const { data: before } = pick(state, name);
        const { data: moved } = pick(after, name);
        const data = before.map((value, i) => (value - (moved[i] ?? Number.NaN)) / RATE);
        return [[name, { shape, data }] as const];
      }),
    );
  } finally {
    await engine.dispose();
  }
}
