import { buildForward, type ConvolutionRecipe, updateScalars } from '@alexnet/autodiff';
import { createTensor, type Parameter } from '@alexnet/core';
import { encodeModel } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import { checkTensor, copyTensor } from '../state-tensors.ts';
import { checkMicroBatches } from '../step/check-micro-batches.ts';
import { fillDropoutMask } from '../step/dropout-masks.ts';
import {
  type EngineInfo,
  type EngineOptions,
  type EngineState,
  type StepInput,
  type StepOutput,
  selectWeights,
  type TrainingEngine,
} from '../training-engine.ts';
import { probeBlockedChannels } from './blocked-channels.ts';
import type { OrtModule } from './ort-module.ts';
import { joinParts, takeState } from './state-parts.ts';
import { floats, type StateArrays } from './stateful-session.ts';
import { createStepRunner, type StepRunner } from './step-runner.ts';
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
  /**
   * Channels in a block of the runtime's blocked convolutions: tried out on this runtime and processor unless
   * given; `null` for standard operators only. The results agree within rounding.
   */
  readonly blockedChannels?: number | null;
  /** How convolutions are computed: `quickest` unless given. The results agree within rounding. */
  readonly convolutions?: ConvolutionRecipe;
  /**
   * Where onnxruntime writes what every operator took, when the engine is disposed of: the beginning of a file's
   * name. None unless given.
   */
  readonly profilePrefix?: string;
  /** Whether the arrays of `state` are the engine's to write over; copied unless so. */
  readonly ownsState?: boolean;
}

/**
 * Trains on onnxruntime: a step is one ONNX model, generated from the graph, that takes the state and
 * gives the next; or two, where the gradients of parts of a batch are summed first.
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the state is not the graph's, `INVALID_ARGUMENT`
 */
export async function createOrtEngine(options: OrtEngineOptions): Promise<TrainingEngine> {
  const { graph, batchSize, microBatches = 1, rule, factors = {}, ort } = options;
  checkMicroBatches(batchSize, microBatches);
  const frozen = new Set(options.frozen);
  const blockedChannels = await chooseBlockedChannels(options);
  const runner = await createStepRunner({
    ort,
    plan: {
      graph,
      batchSize,
      microBatches,
      ...rule,
      blockedChannels,
      ...(options.convolutions === undefined ? {} : { convolutions: options.convolutions }),
      trainable: (parameter) => !frozen.has(parameter),
      factorsOf: (parameter) => factors[parameter] ?? { learningRate: 1, weightDecay: 1 },
    },
    takeState: (arrays) =>
      takeState(arrays, options.state, { ownsState: options.ownsState ?? false }),
    takeFrozen: (parameters) => takeFrozen(parameters, options),
    inPlace: options.inPlace ?? (await probeUncopiedOutputs(ort)),
    createSession: (model) => createSession(model, options),
  });
  return new OrtEngine({ ...options, blockedChannels }, runner);
}

class OrtEngine implements TrainingEngine {
  readonly info: EngineInfo;
  readonly #options: OrtEngineOptions;
  readonly #runner: StepRunner;
  readonly #masks: ReadonlyMap<string, Float32Array>;
  #forwardSession: Promise<Ort.InferenceSession> | undefined;

  constructor(options: OrtEngineOptions, runner: StepRunner) {
    this.info = {
      engine: 'onnxruntime',
      device: options.device,
      version: options.ort.env.versions.common,
      threads: options.threads ?? 0,
    };
    this.#options = options;
    this.#runner = runner;
    this.#masks = new Map(
      runner.masks.map(({ node, shape }) => [node, createTensor(shape).data] as const),
    );
  }

  async step({ images, targets, normalizer, ...at }: StepInput): Promise<StepOutput> {
    const { seed, rule } = this.#options;
    for (const { node, ratio } of this.#runner.masks) {
      const mask = this.#masks.get(node) ?? new Float32Array();
      fillDropoutMask(mask, { seed, step: at.step, node, ratio });
    }
    const scalars = updateScalars(rule, at);
    return this.#runner.run({ images, targets, normalizer, masks: this.#masks, scalars });
  }

  async forward(images: Float32Array): Promise<Float32Array> {
    this.#forwardSession ??= this.#createForwardSession();
    const session = await this.#forwardSession;
    const { graph, batchSize } = this.#options;
    const weights = selectWeights(graph, this.#state());
    const results = await session.run({
      // The model's name for the input, whatever the graph's is.
      image: this.#tensor(images, [batchSize, ...graph.input.shape]),
      ...Object.fromEntries(
        [...weights].map(([name, { data, shape }]) => [name, this.#tensor(data, shape)]),
      ),
    });
    return floats(Object.values(results)[0]);
  }

  async readState(): Promise<EngineState> {
    return new Map([...this.#state()].map(([name, tensor]) => [name, copyTensor(tensor)] as const));
  }

  async dispose(): Promise<void> {
    const forward = await this.#forwardSession;
    await forward?.release();
    await this.#runner.release();
  }

  /** Every array, copied only where its parts do not lie side by side. */
  #state(): EngineState {
    const { state, arrays, frozen } = this.#runner;
    return new Map([...frozen, ...joinParts(arrays, state)]);
  }

  #createForwardSession(): Promise<Ort.InferenceSession> {
    const { graph, batchSize, blockedChannels = null } = this.#options;
    const { model } = buildForward(graph, { batchSize, blockedChannels });
    return createSession(encodeModel(model), this.#options);
  }

  #tensor(values: Float32Array, shape: readonly number[]): Ort.Tensor {
    return new this.#options.ort.Tensor('float32', values, shape);
  }
}

async function chooseBlockedChannels(options: OrtEngineOptions): Promise<number | null> {
  if (options.blockedChannels !== undefined) return options.blockedChannels;
  return options.device === 'cpu' ? probeBlockedChannels(options.ort) : null;
}

function takeFrozen(parameters: readonly Parameter[], { state }: OrtEngineOptions): StateArrays {
  return new Map(
    parameters.map(({ name, shape }) => [name, checkTensor(name, state.get(name), shape)]),
  );
}

async function createSession(
  model: Uint8Array,
  { ort, device, threads, profilePrefix }: OrtEngineOptions,
): Promise<Ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    // Plans memory for whole runs: 300 MB more on a full AlexNet, no faster.
    enableMemPattern: false,
    // Errors only: onnxruntime writes to stderr, which is the caller's.
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profilePrefix === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  });
}
