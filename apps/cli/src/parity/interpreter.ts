import { interpret } from '@alexnet/core/interpret';
import type { Measurement, ParityRuntime, ParitySubject } from './runtime.ts';

/** What all others are held against: every operator by its definition, in float64. */
export const interpreter: ParityRuntime = {
  id: 'interpreter',
  title: 'interpreter',
  device: 'cpu',
  tolerance: { share: 0, reason: 'the reference' },
  measure: async ({ model, input, taps }: ParitySubject): Promise<Measurement> => {
    const startedMs = performance.now();
    const names = taps.map(({ name }) => name);
    const values = interpret(model.graph, model.weights, input, { taps: names });
    const [count = 1] = input.shape;
    return {
      runtime: 'interpreter',
      device: 'cpu, float64',
      outputs: new Map([...values].map(([name, { data }]) => [name, data])),
      milliseconds: (performance.now() - startedMs) / count,
    };
  },
};
