import {
  buildForward,
  type ConvolutionRecipe,
  type LayerRecipes,
  type StateArray,
  updateScalars,
} from '@alexnet/autodiff';
import { createTensor, invariant, type Parameter } from '@alexnet/core';
import { encodeModel } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import { pick } from '../pick.ts';
import { checkTensor, copyTensor } from '../state-tensors.ts';
import { checkMicroBatches } from '../step/check-micro-batches.ts';
import { fillDropoutMask } from '../step/dropout-masks.ts';
import {
  type EngineInfo,
  type EngineOptions,
  type EngineState,
  type StepInput,
  type StepLoop,
  type StepOutput,
  selectWeights,
  type TrainingEngine,
} from '../training-engine.ts';
import { probeBlockedChannels, probeStages } from './blocked-channels.ts';
import type { StatePlacement } from './create-stateful-session.ts';
import { createStepRunner } from './create-step-runner.ts';
import { DEVICE_RECIPES, type DeviceRecipe } from './device-recipe.ts';
import type { OrtModule } from './ort-module.ts';
import { rejectDevice } from './reject-device.ts';
import { floats, type StateArrays, toTensors } from './state-arrays.ts';
import { joinParts, joinTensors, takeState } from './state-parts.ts';
import type { StepRunner } from './step-runner.ts';
import { probeUncopiedOutputs } from './uncopied-outputs.ts';

export interface OrtEngineOptions extends EngineOptions {
  readonly ort: OrtModule;
  readonly device: EngineInfo['device'];
  /** Threads of a run; onnxruntime decides unless given. */
  readonly threads?: number;
  /**
   * Whether threads of a run that wait for each other keep their cores busy meanwhile. A few hundredths sooner where
   * nothing else computes; where something does, a step waits for a thread that was put aside for one that waits.
   * On unless given. It changes no result.
   */
  readonly allowSpinning?: boolean;
  /**
   * Whether a run takes one step (`update`) or several (`loop`): what suits the device unless given. A batch that is
   * taken in parts is always one step. The results agree within rounding.
   */
  readonly form?: DeviceRecipe['form'];
  /**
   * Whether a step may write the new state over the old one: tried out on this runtime unless given. The
   * results are the same either way. On a card, where the state is not in arrays of the host, it has no effect.
   */
  readonly inPlace?: boolean;
  /**
   * Channels in a block of the runtime's blocked convolutions: tried out on this runtime and processor unless
   * given; `null` for standard operators only. The results agree within rounding.
   */
  readonly blockedChannels?: number | null;
  /**
   * How convolutions are computed in a step, all alike or some by name: what suits the device unless given. The
   * results agree within rounding.
   */
  readonly convolutions?: ConvolutionRecipe | LayerRecipes;
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
 * gives the next; or two, where the gradients of parts of a batch are summed first; or several steps are one, where
 * the state is on another side than its arrays.
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the state is not the graph's, `DEVICE_UNAVAILABLE` for a card that
 *   onnxruntime cannot use here, `INVALID_ARGUMENT`
 */
export async function createOrtEngine(options: OrtEngineOptions): Promise<TrainingEngine> {
  const { graph, batchSize, microBatches = 1, rule, factors = {}, ort } = options;
  checkMicroBatches(batchSize, microBatches);
  const frozen = new Set(options.frozen);
  const blockedChannels = await chooseBlockedChannels(options);
  const recipe = DEVICE_RECIPES[options.device];
  const { partSize } = recipe;
  const runner = await createStepRunner(options.form ?? recipe.form, {
    ort,
    plan: {
      graph,
      batchSize,
      microBatches,
      ...rule,
      blockedChannels,
      convolutions: options.convolutions ?? recipe.convolutions,
      poolIndices: recipe.poolIndices,
      ...(partSize === undefined ? {} : { partSize }),
      trainable: (parameter) => !frozen.has(parameter),
      factorsOf: (parameter) => factors[parameter] ?? { learningRate: 1, weightDecay: 1 },
    },
    takeState: (arrays) =>
      takeState(arrays, options.state, { ownsState: options.ownsState ?? false }),
    takeFrozen: (parameters) => takeFrozen(parameters, options),
    placement: await choosePlacement(options, blockedChannels),
    createSession: (model, state) => createSession(model, options, state),
  });
  const { state: _taken, ...kept } = options;
  return new OrtEngine({ ...kept, blockedChannels }, runner);
}

/** All but the state that it begins with, which may be copied. */
type KeptOptions = Omit<OrtEngineOptions, 'state'>;

class OrtEngine implements TrainingEngine {
  readonly info: EngineInfo;
  readonly loop?: StepLoop;
  readonly #options: KeptOptions;
  readonly #runner: StepRunner;
  /** Of each step of a run. */
  readonly #masks: ReadonlyMap<string, Float32Array>[] = [];
  #forwardSession: Promise<Ort.InferenceSession> | undefined;
  /** Until the next step. */
  #wholeTensors: ReadonlyMap<string, Ort.Tensor> | undefined;

  constructor(options: KeptOptions, runner: StepRunner) {
    this.info = {
      engine: 'onnxruntime',
      device: options.device,
      version: options.ort.env.versions.common,
      threads: options.threads ?? 0,
    };
    this.#options = options;
    this.#runner = runner;
    const { maxSteps } = runner;
    if (maxSteps > 1) this.loop = { maxSteps, run: (inputs) => this.#run(inputs) };
  }

  async step(input: StepInput): Promise<StepOutput> {
    const [output] = await this.#run([input]);
    invariant(output, 'the step gave nothing');
    return output;
  }

  async forward(images: Float32Array): Promise<Float32Array> {
    this.#forwardSession ??= this.#createForwardSession();
    const session = await this.#forwardSession;
    const { graph, batchSize } = this.#options;
    const results = await session.run({
      ...Object.fromEntries(selectWeights(graph, this.#whole())),
      // The model's name for the input, whatever the graph's is.
      image: this.#tensor(images, [batchSize, ...graph.input.shape]),
    });
    return floats(Object.values(results)[0]);
  }

  async readState(): Promise<EngineState> {
    const { arrays, frozen } = this.#runner;
    const state = joinParts(arrays, await this.#runner.readState());
    return new Map(
      [...frozen, ...state].map(([name, tensor]) => [name, copyTensor(tensor)] as const),
    );
  }

  async dispose(): Promise<void> {
    const forward = await this.#forwardSession;
    await forward?.release();
    await this.#runner.release();
  }

  #run(inputs: readonly StepInput[]): Promise<readonly StepOutput[]> {
    this.#wholeTensors = undefined;
    return this.#runner.run(
      inputs.map(({ images, targets, normalizer, ...at }, index) => {
        const masks = this.#drawMasks(at.step, index);
        const scalars = updateScalars(this.#options.rule, at);
        return { images, targets, normalizer, masks, scalars };
      }),
    );
  }

  /** @param index - of the step in its run: the next run's are written over them */
  #drawMasks(step: number, index: number): ReadonlyMap<string, Float32Array> {
    const drawn = this.#masks[index] ?? this.#createMasks();
    this.#masks[index] = drawn;
    const { seed } = this.#options;
    for (const { node, ratio } of this.#runner.masks) {
      fillDropoutMask(pick(drawn, node), { seed, step, node, ratio });
    }
    return drawn;
  }

  #createMasks(): ReadonlyMap<string, Float32Array> {
    return new Map(
      this.#runner.masks.map(({ node, shape }) => [node, createTensor(shape).data] as const),
    );
  }

  /** Every array where it lies, copied only where its rows do not lie one after another. */
  #whole(): ReadonlyMap<string, Ort.Tensor> {
    const { ort } = this.#options;
    const { arrays, frozen, tensors } = this.#runner;
    this.#wholeTensors ??= new Map([
      ...Object.entries(toTensors(ort, frozen)),
      ...joinTensors(ort, arrays, tensors),
    ]);
    return this.#wholeTensors;
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
  const { mayHaveBlocks } = DEVICE_RECIPES[options.device];
  return mayHaveBlocks ? probeBlockedChannels(options.ort) : null;
}

async function choosePlacement(
  { ort, device, inPlace }: OrtEngineOptions,
  blockedChannels: number | null,
): Promise<StatePlacement> {
  if (DEVICE_RECIPES[device].state !== 'in-place') return 'outputs';
  if (!(inPlace ?? (await probeUncopiedOutputs(ort)))) return 'outputs';
  const hasStages = blockedChannels !== null && (await probeStages(ort, blockedChannels));
  return hasStages ? 'in-stages' : 'in-place';
}

function takeFrozen(parameters: readonly Parameter[], { state }: OrtEngineOptions): StateArrays {
  return new Map(
    parameters.map(({ name, shape }) => [name, checkTensor(name, state.get(name), shape)]),
  );
}

async function createSession(
  model: Uint8Array,
  { ort, device, threads, allowSpinning = true, profilePrefix }: KeptOptions,
  state: readonly StateArray[] = [],
): Promise<Ort.InferenceSession> {
  const creating = ort.InferenceSession.create(model, {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    // Plans memory for whole runs: 300 MB more on a full AlexNet, no faster.
    enableMemPattern: false,
    // Errors only: onnxruntime writes to stderr, which is the caller's.
    logSeverityLevel: 3,
    ...(DEVICE_RECIPES[device].state === 'device'
      ? { preferredOutputLocation: locateState(state) }
      : {}),
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(allowSpinning ? {} : { extra: { session: { intra_op: { allow_spinning: '0' } } } }),
    ...(profilePrefix === undefined
      ? {}
      : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  });
  return creating.catch((cause) => rejectDevice(device, cause));
}

function locateState(state: readonly StateArray[]): Record<string, 'gpu-buffer'> {
  return Object.fromEntries(state.map(({ output }) => [output, 'gpu-buffer'] as const));
}
