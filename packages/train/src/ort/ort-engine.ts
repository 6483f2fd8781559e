import {
  buildForward,
  buildTrainingStep,
  optimizerScalars,
  type TrainingStep,
} from '@alexnet/autodiff';
import { AlexNetError, createTensor, formatShape, isSameShape, type Tensor } from '@alexnet/core';
import { encodeModel } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import { fillDropoutMask } from '../dropout-masks.ts';
import {
  type EngineInfo,
  type EngineOptions,
  type EngineState,
  type StepInput,
  type StepOutput,
  slotName,
  type TrainingEngine,
} from '../training-engine.ts';
import type { OrtModule } from './ort-module.ts';
import { createInPlaceRunner, createPlainRunner, floats, type StepRunner } from './step-runner.ts';
import { probeUncopiedOutputs } from './uncopied-outputs.ts';

export interface OrtEngineOptions extends EngineOptions {
  readonly ort: OrtModule;
  readonly device: EngineInfo['device'];
  /** Threads of a run; onnxruntime decides unless given. */
  readonly threads?: number;
  /**
   * Whether a step may write the new state over the old one: tried out on this runtime unless given. The
   * results are the same either way.
   */
  readonly inPlace?: boolean;
  /** Whether the arrays of `state` are the engine's to write over; copied unless so. */
  readonly ownsState?: boolean;
}

/**
 * Trains on onnxruntime: a step is one ONNX model, generated from the graph, that takes the state and
 * gives the next.
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the state is not the graph's
 */
export async function createOrtEngine(options: OrtEngineOptions): Promise<TrainingEngine> {
  const { graph, batchSize, optimizer, frozen, ort } = options;
  const frozenNames = new Set(frozen);
  const plan = buildTrainingStep(graph, {
    batchSize,
    optimizer,
    trainable: (parameter) => !frozenNames.has(parameter),
  });
  const inPlace = options.inPlace ?? (await probeUncopiedOutputs(ort));
  const createRunner = inPlace ? createInPlaceRunner : createPlainRunner;
  const runner = await createRunner({
    ort,
    plan,
    state: takeState(plan, options),
    createSession: (model) => createSession(model, options),
  });
  return new OrtEngine(options, plan, runner);
}

class OrtEngine implements TrainingEngine {
  readonly info: EngineInfo;
  readonly #options: OrtEngineOptions;
  readonly #plan: TrainingStep;
  readonly #runner: StepRunner;
  readonly #masks: ReadonlyMap<string, Float32Array>;
  readonly #frozen: ReadonlyMap<string, Tensor>;
  #forwardSession: Promise<Ort.InferenceSession> | undefined;

  constructor(options: OrtEngineOptions, plan: TrainingStep, runner: StepRunner) {
    this.info = {
      engine: 'onnxruntime',
      device: options.device,
      version: options.ort.env.versions.common,
      threads: options.threads ?? 0,
    };
    this.#options = options;
    this.#plan = plan;
    this.#runner = runner;
    this.#masks = new Map(
      plan.masks.map(({ name, shape }) => [name, createTensor(shape).data] as const),
    );
    this.#frozen = new Map(
      options.graph.parameters
        .filter(({ name }) => !runner.state.has(name))
        .map(({ name, shape }) => [name, checkTensor(name, options.state.get(name), shape)]),
    );
  }

  async step(input: StepInput): Promise<StepOutput> {
    const { seed, optimizer } = this.#options;
    const { image, target, normalizer, masks } = this.#plan;
    const feeds: Record<string, Ort.Tensor> = {
      ...this.#frozenFeeds(),
      [image.name]: this.#tensor(input.images, image.shape),
      [target.name]: this.#tensor(input.targets, target.shape),
    };
    for (const { name, node, ratio, shape } of masks) {
      const mask = this.#masks.get(name) ?? createTensor(shape).data;
      fillDropoutMask(mask, { seed, step: input.step, node, ratio });
      feeds[name] = this.#tensor(mask, shape);
    }
    const scalars = { ...optimizerScalars(optimizer, input), [normalizer]: input.normalizer };
    for (const [name, value] of Object.entries(scalars)) {
      feeds[name] = this.#tensor(Float32Array.of(value), [1]);
    }
    return this.#runner.run(feeds);
  }

  async forward(images: Float32Array): Promise<Float32Array> {
    this.#forwardSession ??= this.#createForwardSession();
    const session = await this.#forwardSession;
    const { graph, batchSize } = this.#options;
    const weights = graph.parameters.map(({ name }) => {
      const tensor = this.#runner.state.get(name) ?? this.#frozen.get(name);
      return [
        name,
        this.#tensor(tensor?.data ?? new Float32Array(), tensor?.shape ?? [0]),
      ] as const;
    });
    const results = await session.run({
      [graph.input.name]: this.#tensor(images, [batchSize, ...graph.input.shape]),
      ...Object.fromEntries(weights),
    });
    return floats(Object.values(results)[0]);
  }

  async readState(): Promise<EngineState> {
    const { state } = this.#runner;
    const learned = this.#plan.state.flatMap(({ parameter, slot, input }) => {
      const tensor = state.get(input);
      return tensor ? [[stateName(parameter, slot), copyTensor(tensor)] as const] : [];
    });
    const frozen = [...this.#frozen].map(([name, tensor]) => [name, copyTensor(tensor)] as const);
    return new Map([...frozen, ...learned]);
  }

  async dispose(): Promise<void> {
    const forward = await this.#forwardSession;
    await forward?.release();
    await this.#runner.release();
  }

  #createForwardSession(): Promise<Ort.InferenceSession> {
    const { graph, batchSize } = this.#options;
    return createSession(encodeModel(buildForward(graph, { batchSize }).model), this.#options);
  }

  #frozenFeeds(): Record<string, Ort.Tensor> {
    return Object.fromEntries(
      [...this.#frozen].map(([name, { data, shape }]) => [name, this.#tensor(data, shape)]),
    );
  }

  #tensor(values: Float32Array, shape: readonly number[]): Ort.Tensor {
    return new this.#options.ort.Tensor('float32', values, shape);
  }
}

/** The arrays that learn, as the engine's own; the optimiser's slots that are not there yet are zero. */
function takeState(
  plan: TrainingStep,
  { state, ownsState = false }: OrtEngineOptions,
): ReadonlyMap<string, Tensor> {
  return new Map(
    plan.state.map(({ parameter, slot, input, shape }) => {
      const name = stateName(parameter, slot);
      const given = state.get(name);
      if (slot !== null && !given) return [input, createTensor(shape)];
      const tensor = checkTensor(name, given, shape);
      return [input, ownsState ? tensor : copyTensor(tensor)];
    }),
  );
}

function stateName(parameter: string, slot: string | null): string {
  return slot === null ? parameter : slotName(parameter, slot);
}

function copyTensor({ shape, data }: Tensor): Tensor {
  return { shape, data: data.slice() };
}

function checkTensor(name: string, tensor: Tensor | undefined, shape: readonly number[]): Tensor {
  if (!tensor || !isSameShape(tensor.shape, shape)) {
    throw new AlexNetError('SHAPE_MISMATCH', {
      message: `${name} should be ${formatShape(shape)}, but ${tensor ? `is ${formatShape(tensor.shape)}` : 'is missing'}.`,
      hint: 'Are these the weights of this network?',
      path: [name],
    });
  }
  return tensor;
}

async function createSession(
  model: Uint8Array,
  { ort, device, threads }: OrtEngineOptions,
): Promise<Ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    // Plans memory for whole runs: 300 MB more on a full AlexNet, no faster.
    enableMemPattern: false,
    // Errors only: onnxruntime writes to stderr, which is the caller's.
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  });
}
