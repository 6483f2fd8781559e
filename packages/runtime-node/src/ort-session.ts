import { AlexNetError, isAlexNetError } from '@alexnet/core';
import {
  createOrtLoadError,
  type OrtSession,
  ortModelOptions,
  type Precision,
  type Session,
  summarizeMessage,
  wrapOrtSession,
} from '@alexnet/runtime';
import {
  createUnavailableError,
  type DeviceChoice,
  type DeviceOption,
  listDeviceOptions,
  type Machine,
  type NodeDevice,
} from './device.ts';
import type { OrtModule, OrtSessionOptions } from './ort.ts';
import type { WeightsBeside } from './weights-beside.ts';

export interface SessionOptions {
  /** The model file's name, for messages. */
  readonly name: string;
  readonly device: DeviceChoice;
  /** Threads of one operator; onnxruntime decides (one per core) unless given. */
  readonly threads?: number;
  /** What the file says of its numbers; float32 unless given. */
  readonly precision?: Precision;
  /** Where the weights are that the model keeps in other files. */
  readonly weights?: WeightsBeside;
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
      throw createOrtLoadError(options.name, cause);
    });
    return wrapSession(loader, session, { device: fallback.device, reason });
  }
}

function loadOn({ ort, model, options }: Loader, device: NodeDevice): Promise<OrtSession> {
  const { threads, precision, weights } = options;
  const sessionOptions = {
    executionProviders: [device],
    ...ortModelOptions(precision),
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  };
  return ort.InferenceSession.create(model, withWeights(sessionOptions, weights));
}

/** onnxruntime maps the files of a folder into memory; as bytes they would be there twice. */
function withWeights(
  options: OrtSessionOptions,
  weights: WeightsBeside | undefined,
): OrtSessionOptions {
  if (!weights) return options;
  if ('files' in weights) {
    const externalData = [...weights.files].map(([path, data]) => ({ path, data }));
    return { ...options, externalData };
  }
  const folder = { model_external_initializers_file_folder_path: weights.folder };
  return { ...options, extra: { session: { ...options.extra?.session, ...folder } } };
}

/** Is it the device or the model? What does not load on the CPU either is not a model. */
async function explainFailure(
  loader: Loader,
  device: NodeDevice,
  failure: unknown,
): Promise<AlexNetError> {
  const { name, machine } = loader.options;
  if (device === 'cpu') return createOrtLoadError(name, failure);
  try {
    const session = await loadOn(loader, 'cpu');
    await session.release();
  } catch (error) {
    return createOrtLoadError(name, error);
  }
  return createUnavailableError(device, {
    obstacle: summarizeMessage(failure),
    machine,
    cause: failure,
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
  { device, reason }: DeviceOption,
): Promise<Session> {
  try {
    return wrapOrtSession(ort, session, {
      name: options.name,
      device,
      deviceReason: reason,
      safeDevice: 'cpu',
      runtime: 'onnxruntime-node',
      version: ort.env.versions.node ?? 'unknown',
    });
  } catch (error) {
    await session.release();
    throw error;
  }
}
