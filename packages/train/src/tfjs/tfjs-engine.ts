import { AVERAGE_SLOT, type MaskInput, planLearning, updateScalars } from '@alexnet/autodiff';
import { countClasses, createTensor, inferShapes, sizeOf, type Tensor } from '@alexnet/core';
import { pick } from '../pick.ts';
import { checkMicroBatches } from '../step/check-micro-batches.ts';
import { fillDropoutMask } from '../step/dropout-masks.ts';
import { joinOutputs } from '../step/join-outputs.ts';
import {
  type EngineInfo,
  type EngineOptions,
  type EngineState,
  type StepInput,
  type StepOutput,
  slotName,
  type TrainingEngine,
} from '../training-engine.ts';
import {
  differentiate,
  type LearningNetwork,
  type Part,
  type PartResult,
} from './differentiate.ts';
import type { TensorFlowBackend, Value } from './tensorflow.ts';
import { runForward } from './tfjs-network.ts';
import { createTfjsState, type TfjsState } from './tfjs-state.ts';
import { updateParameters } from './update-parameters.ts';

export interface TfjsEngineOptions extends EngineOptions {
  readonly backend: TensorFlowBackend;
  /** Whether the arrays of `state` are the engine's; copied unless so. */
  readonly ownsState?: boolean;
}

/**
 * Trains on TensorFlow through tfjs-node: the IR op by op, TensorFlow's own gradients, the update rules of
 * autodiff.
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the state is not the graph's, or as `buildTrainingStep`
 */
export function createTfjsEngine(options: TfjsEngineOptions): TrainingEngine {
  const { state, ownsState = false, ...settings } = options;
  const { backend, graph, batchSize, microBatches = 1, rule } = options;
  checkMicroBatches(batchSize, microBatches);
  const frozen = new Set(options.frozen);
  const plan = planLearning(graph, (parameter) => !frozen.has(parameter));
  const { tf } = backend;
  const { trainable } = plan;
  return new TfjsEngine(settings, {
    network: {
      tf,
      plan,
      shapes: inferShapes(plan.network, batchSize / microBatches),
      parameters: graph.parameters.map(({ name }) => name),
    },
    state: createTfjsState({ tf, graph, trainable, rule, state, ownsState }),
  });
}

/** Without the first state, which TensorFlow has from then on. */
type Settings = Omit<TfjsEngineOptions, 'state' | 'ownsState'>;
type Mask = Pick<MaskInput, 'node' | 'shape' | 'ratio'>;

class TfjsEngine implements TrainingEngine {
  readonly info: EngineInfo;
  readonly #options: Settings;
  readonly #network: LearningNetwork;
  readonly #state: TfjsState;
  /** Of a whole batch. */
  readonly #masks: readonly Mask[];

  constructor(
    options: Settings,
    { network, state }: { readonly network: LearningNetwork; readonly state: TfjsState },
  ) {
    const { device, version, threads } = options.backend;
    this.info = { engine: 'tfjs', device, version, threads };
    this.#options = options;
    this.#network = network;
    this.#state = state;
    this.#masks = listMasks(network, options.batchSize);
  }

  async step(input: StepInput): Promise<StepOutput> {
    const { rule, factors = {}, microBatches = 1 } = this.#options;
    const masks = this.#drawMasks(input.step);
    const outputs: StepOutput[] = [];
    let gradients: ReadonlyMap<string, Value> = new Map();
    for (let index = 0; index < microBatches; index++) {
      const part = this.#takePart(input, masks, index);
      const result = differentiate(this.#network, this.#state, part);
      gradients = addUp(this.#options.backend, gradients, result);
      outputs.push(result);
    }
    updateParameters(this.#state, gradients, {
      tf: this.#options.backend.tf,
      rule,
      factorsOf: (parameter) => factors[parameter] ?? { learningRate: 1, weightDecay: 1 },
      scalars: updateScalars(rule, input),
    });
    return joinOutputs(outputs);
  }

  async forward(images: Float32Array): Promise<Float32Array> {
    const { graph, batchSize, backend } = this.#options;
    const output = this.#network.plan.network.output;
    const outputs = runForward({
      tf: backend.tf,
      graph: this.#network.plan.network,
      parameterOf: (name) => {
        const average = slotName(name, AVERAGE_SLOT);
        return this.#state.get(this.#state.has(average) ? average : name);
      },
      images: createTensor([batchSize, ...graph.input.shape], images),
      outputs: [output],
    });
    return pick(outputs, output).data;
  }

  async readState(): Promise<EngineState> {
    return this.#state.read();
  }

  async dispose(): Promise<void> {
    this.#state.dispose();
  }

  #drawMasks(step: number): ReadonlyMap<string, Tensor> {
    const { seed } = this.#options;
    return new Map(
      this.#masks.map(({ node, shape, ratio }) => {
        const mask = createTensor(shape);
        fillDropoutMask(mask.data, { seed, step, node, ratio });
        return [node, mask] as const;
      }),
    );
  }

  #takePart(
    { images, targets, normalizer }: StepInput,
    masks: ReadonlyMap<string, Tensor>,
    index: number,
  ): Part {
    const { graph, batchSize, microBatches = 1 } = this.#options;
    const rows = batchSize / microBatches;
    const rowsOf = ({ shape: [, ...shape], data }: Tensor): Tensor => {
      const size = rows * sizeOf(shape);
      return { shape: [rows, ...shape], data: data.subarray(index * size, (index + 1) * size) };
    };
    return {
      images: rowsOf(createTensor([batchSize, ...graph.input.shape], images)),
      targets: rowsOf(createTensor([batchSize, countClasses(graph)], targets)),
      normalizer,
      masks: new Map([...masks].map(([node, mask]) => [node, rowsOf(mask)] as const)),
    };
  }
}

/** Every Dropout that drops something. */
function listMasks({ plan, shapes }: LearningNetwork, batchSize: number): readonly Mask[] {
  return plan.nodes.flatMap((node): readonly Mask[] => {
    if (node.op !== 'Dropout' || node.attributes.ratio === 0) return [];
    const [, ...shape] = pick(shapes, node.output);
    return [{ node: node.name, shape: [batchSize, ...shape], ratio: node.attributes.ratio }];
  });
}

/** The sums so far and a part's gradients, which are freed. */
function addUp(
  { tf }: TensorFlowBackend,
  sums: ReadonlyMap<string, Value>,
  { gradients }: PartResult,
): ReadonlyMap<string, Value> {
  if (sums.size === 0) return gradients;
  return new Map(
    [...gradients].map(([name, gradient]): [string, Value] => {
      const before = sums.get(name);
      if (!before) return [name, gradient];
      const sum = tf.add(before, gradient);
      before.dispose();
      gradient.dispose();
      return [name, sum];
    }),
  );
}
