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

/** onnxruntime-node or onnxruntime-web: both are what onnxruntime-common describes. */
export type OrtModule = Pick<typeof Ort, 'InferenceSession' | 'Tensor' | 'env'>;

export interface OrtEngineOptions extends EngineOptions {
  readonly ort: OrtModule;
  readonly device: EngineInfo['device'];
  /** Threads of a run; onnxruntime decides unless given. */
  readonly threads?: number;
}

/**
 * Trains on onnxruntime: a step is one ONNX model, generated from the graph, that takes the state and
 * gives the next.
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the state is not the graph's; `DEVICE_UNAVAILABLE`
 */
export async function createOrtEngine(options: OrtEngineOptions): Promise<TrainingEngine> {
  const { graph, batchSize, optimizer, frozen, ort } = options;
  const frozenNames = new Set(frozen);
  const plan = buildTrainingStep(graph, {
    batchSize,
    optimizer,
    trainable: (parameter) => !frozenNames.has(parameter),
  });
  const state = createState(plan, options);
  const session = await createSession(encodeModel(plan.model), options);
  const info: EngineInfo = {
    engine: 'onnxruntime',
    device: options.device,
    version: ort.env.versions.common,
    threads: options.threads ?? 0,
  };
  return new OrtEngine({ options, plan, session, state, info });
}

/** An array of the state, by the input of the step that reads it. */
interface StateEntry {
  /** Its name in an {@link EngineState}. */
  readonly name: string;
  readonly tensor: Tensor;
}

interface OrtEngineParts {
  readonly options: OrtEngineOptions;
  readonly plan: TrainingStep;
  readonly session: Ort.InferenceSession;
  readonly state: Map<string, StateEntry>;
  readonly info: EngineInfo;
}

class OrtEngine implements TrainingEngine {
  readonly info: EngineInfo;
  readonly #options: OrtEngineOptions;
  readonly #plan: TrainingStep;
  readonly #session: Ort.InferenceSession;
  readonly #state: Map<string, StateEntry>;
  readonly #masks: ReadonlyMap<string, Float32Array>;
  #forwardSession: Promise<Ort.InferenceSession> | undefined;

  constructor({ options, plan, session, state, info }: OrtEngineParts) {
    this.info = info;
    this.#options = options;
    this.#plan = plan;
    this.#session = session;
    this.#state = state;
    this.#masks = new Map(
      plan.masks.map(({ name, shape }) => [name, createTensor(shape).data] as const),
    );
  }

  async step(input: StepInput): Promise<StepOutput> {
    const { seed, optimizer } = this.#options;
    const { image, target, normalizer, masks, loss, logits } = this.#plan;
    for (const { name, node, ratio } of masks) {
      const mask = this.#masks.get(name);
      if (mask) fillDropoutMask(mask, { seed, step: input.step, node, ratio });
    }
    const scalars = { ...optimizerScalars(optimizer, input), [normalizer]: input.normalizer };
    const results = await this.#session.run({
      ...this.#stateFeeds(),
      [image.name]: this.#tensor(input.images, image.shape),
      [target.name]: this.#tensor(input.targets, target.shape),
      ...Object.fromEntries(
        masks.map(({ name, shape }) => [
          name,
          this.#tensor(this.#masks.get(name) ?? new Float32Array(), shape),
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(scalars).map(([name, value]) => [
          name,
          this.#tensor(Float32Array.of(value), [1]),
        ]),
      ),
    });
    for (const { input: name, output, shape } of this.#plan.state) {
      const entry = this.#state.get(name);
      if (entry) {
        this.#state.set(name, {
          name: entry.name,
          tensor: { shape, data: floats(results[output]) },
        });
      }
    }
    return { loss: floats(results[loss])[0] ?? Number.NaN, logits: floats(results[logits]) };
  }

  async forward(images: Float32Array): Promise<Float32Array> {
    this.#forwardSession ??= this.#createForwardSession();
    const session = await this.#forwardSession;
    const { graph, batchSize } = this.#options;
    const shape = [batchSize, ...graph.input.shape];
    const feeds = { [graph.input.name]: this.#tensor(images, shape), ...this.#weightFeeds() };
    const results = await session.run(feeds);
    return floats(Object.values(results)[0]);
  }

  async readState(): Promise<EngineState> {
    return new Map([...this.#state.values()].map(({ name, tensor }) => [name, tensor]));
  }

  async dispose(): Promise<void> {
    const forward = await this.#forwardSession;
    await forward?.release();
    await this.#session.release();
  }

  async #createForwardSession(): Promise<Ort.InferenceSession> {
    const { graph, batchSize } = this.#options;
    return createSession(encodeModel(buildForward(graph, { batchSize }).model), this.#options);
  }

  #stateFeeds(): Record<string, Ort.Tensor> {
    return Object.fromEntries(
      [...this.#state].map(([input, { tensor }]) => [
        input,
        this.#tensor(tensor.data, tensor.shape),
      ]),
    );
  }

  #weightFeeds(): Record<string, Ort.Tensor> {
    const byName = new Map([...this.#state.values()].map(({ name, tensor }) => [name, tensor]));
    return Object.fromEntries(
      this.#options.graph.parameters.map(({ name, shape }) => [
        name,
        this.#tensor(byName.get(name)?.data ?? new Float32Array(), shape),
      ]),
    );
  }

  #tensor(values: Float32Array, shape: readonly number[]): Ort.Tensor {
    return new this.#options.ort.Tensor('float32', values, shape);
  }
}

/** Takes the given arrays, makes the optimiser's slots that are not there yet, and checks every shape. */
function createState(plan: TrainingStep, { graph, state }: EngineOptions): Map<string, StateEntry> {
  const entries = new Map<string, StateEntry>();
  for (const { parameter, slot, input, shape } of plan.state) {
    const name = slot === null ? parameter : slotName(parameter, slot);
    const tensor = slot === null ? state.get(name) : (state.get(name) ?? createTensor(shape));
    entries.set(input, { name, tensor: checkTensor(name, tensor, shape) });
  }
  for (const { name, shape } of graph.parameters) {
    if (!entries.has(name)) {
      entries.set(name, { name, tensor: checkTensor(name, state.get(name), shape) });
    }
  }
  return entries;
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

function floats(tensor: Ort.Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) {
    throw new AlexNetError('INTERNAL', {
      message: `onnxruntime returned ${tensor ? tensor.type : 'nothing'} where float32 was expected.`,
      hint: 'Please report it with the command or the code that led here.',
    });
  }
  return tensor.data;
}
