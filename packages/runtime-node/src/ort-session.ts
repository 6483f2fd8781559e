import { AlexNetError, isAlexNetError, type Preprocessing, sizeOf } from '@alexnet/core';
import {
  createOrtLoadError,
  inferPictureShape,
  type OrtSession,
  ortModelOptions,
  type Precision,
  type Session,
  summarizeMessage,
  wrapOrtSession,
} from '@alexnet/runtime';
import { explainCudaFailure } from './device/cuda-failure.ts';
import {
  createUnavailableError,
  type DeviceChoice,
  type DeviceOption,
  listDeviceOptions,
  type NodeDevice,
  type Obstacle,
} from './device/list-devices.ts';
import type { Machine, Profile } from './device/machine.ts';
import { type Placement, readPlacement } from './device/placement.ts';
import type { NodeOrtSession, OrtModule, OrtSessionOptions } from './ort.ts';
import type { WeightsBeside } from './weights-beside.ts';

export interface SessionOptions {
  /** The model file's name, for messages. */
  readonly name: string;
  readonly device: DeviceChoice;
  /** Threads of one operator; onnxruntime decides (one per core) unless given. */
  readonly threads?: number;
  /** What the file says of its numbers; float32 unless given. */
  readonly precision?: Precision;
  /** All of the preprocessing, of a file that does a part of it itself. */
  readonly embedded?: Preprocessing | null;
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
    return await openOn(loader, first);
  } catch (error) {
    const obstacle = await findObstacle(loader, first.device, error);
    if (!fallback) throw createUnavailableError(first.device, obstacle);
    const reason = `${fallback.reason}: ${obstacle.obstacle}`;
    return openOn(loader, { device: fallback.device, reason });
  }
}

async function openOn(loader: Loader, option: DeviceOption): Promise<Session> {
  if (option.device !== 'cpu') return openConfirmed(loader, option);
  const session = await loadOn(loader, option.device).catch((cause: unknown) => {
    throw createOrtLoadError(loader.options.name, cause);
  });
  return wrapSession(loader, session, option);
}

/**
 * A session on a device other than the CPU, after a first run that shows by onnxruntime's own profile that the device
 * does the work: a session for a device can be made, and the CPU run it all.
 */
async function openConfirmed(loader: Loader, option: DeviceOption): Promise<Session> {
  const { machine } = loader.options;
  const profile = await machine.openProfile();
  try {
    const ortSession = await loadOn(loader, option.device, profile);
    const session = await wrapSession(loader, ortSession, option);
    try {
      await runOnce(session);
      ortSession.endProfiling();
      const placement = readPlacement(await profile.read(), option.device);
      if (placement.here === 0 && placement.elsewhere > 0) {
        throw new Error('onnxruntime ran the whole model on the CPU instead');
      }
      const deviceReason = `${option.reason}; ${describePlacement(placement)}`;
      return { ...session, info: { ...session.info, deviceReason } };
    } catch (error) {
      await session.dispose();
      throw error;
    }
  } finally {
    await profile.remove();
  }
}

async function runOnce(session: Session): Promise<void> {
  const [batch] = session.info.input.shape;
  const count = typeof batch === 'number' ? batch : 1;
  const sides = inferPictureShape(session.info.input, 'The model');
  await session.run(new Float32Array(count * sizeOf(sides)), count);
}

function describePlacement({ here, elsewhere, operators }: Placement): string {
  if (here + elsewhere === 0) return 'onnxruntime does not say what it ran there';
  if (elsewhere === 0) return `runs all ${here} nodes`;
  return `runs ${here} of ${here + elsewhere} nodes, the CPU the others: ${operators.join(', ')}`;
}

function loadOn(
  { ort, model, options }: Loader,
  device: NodeDevice,
  profile?: Profile,
): Promise<NodeOrtSession> {
  const { threads, precision, weights } = options;
  const sessionOptions: OrtSessionOptions = {
    executionProviders: [device],
    ...ortModelOptions(precision),
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile ? { enableProfiling: true, profileFilePrefix: profile.prefix } : {}),
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

/**
 * What kept a device from running the model.
 *
 * @throws what is not the device's fault: the model's own errors, and `INVALID_MODEL` if it does not load on the CPU
 *   either
 */
async function findObstacle(loader: Loader, device: NodeDevice, error: unknown): Promise<Obstacle> {
  const isOurs = isAlexNetError(error);
  if (device === 'cpu' || (isOurs && error.code !== 'DEVICE_UNAVAILABLE')) throw error;
  const { machine, name } = loader.options;
  const failure = isOurs ? (error.cause ?? error) : error;
  const session = await loadOn(loader, 'cpu').catch((cause: unknown) => {
    throw createOrtLoadError(name, cause);
  });
  await session.release();
  const explanation = device === 'cuda' ? explainCudaFailure(failure, machine) : null;
  return { obstacle: summarizeMessage(failure), ...explanation, machine, cause: failure };
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
      embedded: options.embedded ?? null,
      runtime: 'onnxruntime-node',
      version: ort.env.versions.node ?? 'unknown',
    });
  } catch (error) {
    await session.release();
    throw error;
  }
}
