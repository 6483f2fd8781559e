import { AlexNetError, isAlexNetError, type Tensor } from '@alexnet/core';
import {
  chooseOutput,
  inferPictureShape,
  keepsWeightsSmall,
  type Precision,
  type Session,
  type SessionInfo,
  type ValueInfo,
} from '@alexnet/runtime';
import {
  createUnavailableError,
  type DeviceChoice,
  type DeviceOption,
  listDeviceOptions,
  type Machine,
  type NodeDevice,
} from './device.ts';
import type { OrtModule, OrtSession, OrtTensor, OrtValueInfo } from './ort.ts';
import { summarizeMessage } from './summarize-message.ts';

/** Weights that are kept small are widened when the model is loaded: otherwise in each run, at half the speed. */
const WIDEN_ONCE = { session: { disable_quant_qdq: '1' } } as const;

/** Nothing below `fatal`: what goes wrong is thrown, stderr belongs to the caller. */
const SILENT = 4;

export interface SessionOptions {
  /** The model file's name, for messages. */
  readonly name: string;
  readonly device: DeviceChoice;
  /** Threads of one operator; onnxruntime decides (one per core) unless given. */
  readonly threads?: number;
  /** What the file says of its numbers; float32 unless given. */
  readonly precision?: Precision;
}

interface Loader {
  readonly ort: OrtModule;
  readonly model: Uint8Array;
  readonly options: SessionOptions & { readonly machine: Machine };
}

/**
 * `openSession` with everything from outside passed in.
 *
 * @throws as `openSession`, but for `MISSING_DEPENDENCY`
 */
export async function createSession(
  ort: OrtModule,
  model: Uint8Array,
  options: SessionOptions & { readonly machine: Machine },
): Promise<Session> {
  checkThreads(options.threads);
  // Read once per process, when the first session is made; a level that the caller set stays.
  if ((ort.env.logLevel ?? 'warning') === 'warning') ort.env.logLevel = 'fatal';
  const loader = { ort, model, options };
  const [first, fallback] = listDeviceOptions(ort, options.device, options.machine);
  try {
    return await wrapSession(loader, await loadOn(loader, first.device), first);
  } catch (error) {
    if (isAlexNetError(error)) throw error;
    if (!fallback) throw await explainFailure(loader, first.device, error);
    const reason = `${fallback.reason}: ${summarizeMessage(error)}`;
    const session = await loadOn(loader, fallback.device).catch((cause: unknown) => {
      throw createModelError(options.name, cause);
    });
    return wrapSession(loader, session, { device: fallback.device, reason });
  }
}

function loadOn({ ort, model, options }: Loader, device: NodeDevice): Promise<OrtSession> {
  const { threads, precision } = options;
  return ort.InferenceSession.create(model, {
    executionProviders: [device],
    logSeverityLevel: SILENT,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(precision && keepsWeightsSmall(precision) ? { extra: WIDEN_ONCE } : {}),
  });
}

/** Is it the device or the model? What does not load on the CPU either is not a model. */
async function explainFailure(
  loader: Loader,
  device: NodeDevice,
  failure: unknown,
): Promise<AlexNetError> {
  const { name, machine } = loader.options;
  if (device === 'cpu') return createModelError(name, failure);
  try {
    const session = await loadOn(loader, 'cpu');
    await session.release();
  } catch (error) {
    return createModelError(name, error);
  }
  return createUnavailableError(device, {
    obstacle: summarizeMessage(failure),
    machine,
    cause: failure,
  });
}

function createModelError(name: string, cause: unknown): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `onnxruntime does not load ${name}: ${summarizeMessage(cause)}.`,
    hint: 'The file is damaged, cut short or made for a newer onnxruntime: copy or export it again.',
    path: [name],
    cause,
  });
}

/** Far above the cores of any machine: a number beyond it is a slip. */
const MAX_THREADS = 1024;

function checkThreads(threads: number | undefined): void {
  if (threads === undefined) return;
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `threads is ${threads}.`,
    hint: `Give a whole number from 1 to ${MAX_THREADS}, or leave it out: one thread per core.`,
    path: ['threads'],
  });
}

async function wrapSession(
  { ort, options }: Loader,
  session: OrtSession,
  option: DeviceOption,
): Promise<Session> {
  try {
    const info = describeSession(ort, session, { name: options.name, option });
    return createRunner(ort, session, { info, name: options.name });
  } catch (error) {
    await session.release();
    throw error;
  }
}

function describeSession(
  ort: OrtModule,
  session: OrtSession,
  { name, option }: { readonly name: string; readonly option: DeviceOption },
): SessionInfo {
  const [first, ...more] = session.inputMetadata;
  if (!first || more.length > 0) {
    const names = session.inputMetadata.map((value) => `"${value.name}"`);
    throw new AlexNetError('INVALID_MODEL', {
      message: `${name} has ${names.length} inputs (${names.join(', ') || 'none'}), but a classifier has one.`,
      hint: 'Give a model that takes one batch of pictures, not a training step.',
      path: session.inputMetadata.map((value) => value.name),
    });
  }
  const input = toValueInfo(first, name);
  const outputs = session.outputMetadata.map((value) => ({ ...value, shape: value.shape ?? [] }));
  const chosen = chooseOutput(outputs);
  if (!chosen) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${name} has no output.`,
      hint: 'Give a model that ends in one row of classes per picture.',
    });
  }
  const output = toValueInfo(chosen, name);
  return {
    device: option.device,
    deviceReason: option.reason,
    runtime: 'onnxruntime-node',
    version: ort.env.versions.node ?? 'unknown',
    input,
    output,
    outputs: outputs.map((value) => ({ name: value.name, shape: value.shape })),
  };
}

function toValueInfo({ name: value, type, shape }: OrtValueInfo, name: string): ValueInfo {
  if (type === 'float32' && shape) return { name: value, shape };
  throw new AlexNetError('INVALID_MODEL', {
    message: `"${value}" of ${name} is of type ${type ?? 'sequence or map'}, but float32 is needed.`,
    hint: 'Export the model with float32 inputs and outputs; its weights may be of any type.',
    path: [value],
  });
}

function createRunner(
  ort: OrtModule,
  session: OrtSession,
  { info, name }: { readonly info: SessionInfo; readonly name: string },
): Session {
  const { input, output } = info;
  const sides = inferPictureShape(input, name);
  return {
    info,
    async run(pictures, batchSize, outputs = [output.name]) {
      const shape = [batchSize, ...sides];
      const feeds = { [input.name]: new ort.Tensor('float32', pictures, shape) };
      const results = await session.run(feeds, outputs).catch((cause: unknown) => {
        const code = info.device === 'cpu' ? 'INVALID_MODEL' : 'DEVICE_UNAVAILABLE';
        throw new AlexNetError(code, {
          message: `${name} failed on ${info.device} with an input of [${shape.join(', ')}]: ${summarizeMessage(cause)}.`,
          hint: "Check that there is memory for such a batch, and try device: 'cpu' or a smaller batchSize.",
          cause,
        });
      });
      return new Map(outputs.map((wanted) => [wanted, toTensor(results[wanted], wanted, name)]));
    },
    dispose: () => session.release(),
  };
}

function toTensor(tensor: OrtTensor | undefined, output: string, name: string): Tensor {
  if (tensor?.data instanceof Float32Array) return { shape: tensor.dims, data: tensor.data };
  throw new AlexNetError('INVALID_MODEL', {
    message: `"${output}" of ${name} is ${tensor?.type ?? 'missing'}, not float32.`,
    hint: 'Export the model with float32 outputs.',
    path: [output],
  });
}
