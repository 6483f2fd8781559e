import { buildForward } from '@alexnet/autodiff';
import type { Graph, Weights } from '@alexnet/core';
import { createOnnxBuilder, encodeModel, type ModelProto } from '@alexnet/export';
import type { FeatureExtractor } from '../features/feature-extractor.ts';
import type { EngineInfo } from '../training-engine.ts';
import type { OrtModule } from './ort-module.ts';
import { floats } from './state-arrays.ts';

export interface OrtExtractorOptions {
  readonly ort: OrtModule;
  readonly device: EngineInfo['device'];
  /** Layers that no step changes: its output is the features. */
  readonly graph: Graph;
  readonly weights: Weights;
  /** Pictures of a run. */
  readonly batchSize: number;
  /** Threads of a run; onnxruntime decides unless given. */
  readonly threads?: number;
}

/**
 * Runs frozen layers on onnxruntime. Their weights are constants of the model, which it packs once; convolutions go
 * through the Fourier transform where that is quicker for so many pictures.
 */
export async function createOrtExtractor({
  ort,
  device,
  graph,
  weights,
  batchSize,
  threads,
}: OrtExtractorOptions): Promise<FeatureExtractor> {
  const { model, output } = buildForward(graph, { batchSize, convolutions: 'counted' });
  const session = await ort.InferenceSession.create(encodeModel(withWeights(model, weights)), {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  });
  const shape = [batchSize, ...graph.input.shape];
  return {
    extract: async (images) => {
      const results = await session.run({ image: new ort.Tensor('float32', images, shape) });
      return floats(results[output.name]);
    },
    dispose: () => session.release(),
  };
}

/** The same model with weights as constants in place of inputs. */
function withWeights(model: ModelProto, weights: Weights): ModelProto {
  const builder = createOnnxBuilder('weights');
  const { graph } = model;
  for (const { name } of graph.input) {
    const weight = weights.get(name);
    if (!weight) continue;
    const value = builder.initializer(name, { dtype: 'float32', ...weight });
    builder.output(value, 'float32', weight.shape);
  }
  const { initializer } = builder.build().graph;
  return {
    ...model,
    graph: {
      ...graph,
      input: graph.input.filter(({ name }) => !weights.has(name)),
      initializer: [...graph.initializer, ...initializer],
    },
  };
}
