import { createTensor, sizeOf, type Tensor } from '@alexnet/core';
import { startTfjsNetwork, type TensorFlowDevice } from '@alexnet/train/node';
import type { Measurement, ParityRuntime, ParitySubject, Tolerance } from './runtime.ts';

/** TensorFlow, which the engine tfjs trains on, in this process: it runs the graph itself, not the file. */
export function tfjs(device: TensorFlowDevice, tolerance: Tolerance): ParityRuntime {
  return {
    id: `tfjs-${device}`,
    title: 'tfjs',
    device,
    tolerance,
    measure: async (subject): Promise<Measurement> => {
      const { graph, weights } = subject.model;
      const network = await startTfjsNetwork({ graph, weights, device });
      try {
        const names = subject.taps.map(({ name }) => name);
        const batches = splitInput(subject);
        const [first] = batches;
        if (first) network.run(first, names);
        const startedMs = performance.now();
        const results = batches.map((batch) => network.run(batch, names));
        const milliseconds = (performance.now() - startedMs) / (subject.input.shape[0] ?? 1);
        return {
          runtime: `tfjs ${network.version}`,
          device: network.device,
          outputs: new Map(
            names.map((name) => [
              name,
              results.flatMap((each) => [...(each.get(name)?.data ?? [])]),
            ]),
          ),
          milliseconds,
        };
      } finally {
        network.dispose();
      }
    },
  };
}

/** The pictures, as many at a time as the file takes. */
function splitInput({ input, batchSize }: ParitySubject): readonly Tensor[] {
  const [count = 0, ...shape] = input.shape;
  const size = batchSize * sizeOf(shape);
  return Array.from({ length: count / batchSize }, (_, index) =>
    createTensor([batchSize, ...shape], input.data.slice(index * size, (index + 1) * size)),
  );
}
