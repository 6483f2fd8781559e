import { AlexNetError, isAlexNetError, type Preprocessing } from '@alexnet/core';
import { createOrtLoadError, type Session, summarizeMessage } from '@alexnet/runtime';
import { openFileCache } from '../model-files/file-cache.ts';
import { findAdapter } from './adapter.ts';
import { createSession, type LoadedModel } from './create-session.ts';
import { WEB_DEVICES, type WebDevice } from './ort.ts';
import { findFault, makeCheckInput, runCheck } from './self-check.ts';
import { type Onnxruntime, type StartOptions, startOnnxruntime } from './start-onnxruntime.ts';
import { ONNXRUNTIME_VERSION } from './version.ts';

/** `auto`: WebGPU where there is an adapter that gives the same as WASM, else WASM. */
export type DeviceChoice = WebDevice | 'auto';

export interface SessionOptions extends StartOptions {
  readonly device: DeviceChoice;
  /** The model's, for the input that devices are compared on. */
  readonly preprocessing?: Preprocessing | undefined;
}

/** What is looked at and kept outside of the model, so that tests can put their own in its place. */
export interface Platform {
  readonly findAdapter: typeof findAdapter;
  readonly startOnnxruntime: typeof startOnnxruntime;
  /** What was found out about a device before; `null` if nothing was. */
  readNote(name: string): Promise<string | null>;
  writeNote(name: string, text: string): Promise<void>;
}

const BROWSER: Platform = {
  findAdapter,
  startOnnxruntime,
  readNote: async (name) => (await (await openFileCache())?.readNote(noteOf(name))) ?? null,
  writeNote: async (name, text) => (await openFileCache())?.writeNote(noteOf(name), text),
};

/** Another release of the browser may compute otherwise. */
const noteOf = (name: string): string => `${name}, ${navigator.userAgent}`;

/**
 * Loads a model into onnxruntime-web, on the device that was asked for or found.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` · `DEVICE_UNAVAILABLE` with the remedy, for a device asked for by
 *   name · `INVALID_MODEL` if onnxruntime refuses the model, with its words · `INVALID_ARGUMENT` for another device
 */
export async function openSession(
  model: LoadedModel,
  options: SessionOptions,
  platform: Platform = BROWSER,
): Promise<Session> {
  const job = { model, options, platform };
  switch (options.device) {
    case 'auto':
      return openBest(job);
    case 'wasm':
      return openWasm(job, 'asked for by name');
    case 'webgpu':
      return openNamedWebgpu(job);
    default:
      throw noSuchDevice(options.device);
  }
}

interface Job {
  readonly model: LoadedModel;
  readonly options: SessionOptions;
  readonly platform: Platform;
}

/** @param running - one that has been started already, to save the download of another */
async function openWasm(job: Job, reason: string, running?: Onnxruntime): Promise<Session> {
  const runtime = running ?? (await start(job, 'wasm'));
  return createSession(runtime, job.model, { device: 'wasm', reason }).catch((cause: unknown) => {
    throw isAlexNetError(cause) ? cause : createOrtLoadError(job.model.name, cause);
  });
}

async function openNamedWebgpu(job: Job): Promise<Session> {
  const adapter = await job.platform.findAdapter();
  if (typeof adapter === 'string') throw noWebgpu(adapter);
  const runtime = await start(job, 'webgpu');
  try {
    return await openWebgpu(job, runtime, 'asked for by name');
  } catch (cause) {
    // Is it the device or the model? What WASM does not load either is not a model.
    await (await openWasm(job, 'to tell why WebGPU failed', runtime)).dispose();
    throw noWebgpu(summarizeMessage(cause), cause);
  }
}

async function openBest(job: Job): Promise<Session> {
  const { model, platform } = job;
  const adapter = await platform.findAdapter();
  if (typeof adapter === 'string') return openWasm(job, `auto: no WebGPU, ${adapter}`);
  if (adapter.isSoftware) {
    return openWasm(job, 'auto: WebGPU would be computed by the processor, slower than WASM');
  }
  const note = `self-check ${model.sha256}, ${adapter.name}, onnxruntime-web ${ONNXRUNTIME_VERSION}`;
  const known = model.sha256 === null ? null : await platform.readNote(note);
  if (known !== null && known !== RIGHT) return openWasm(job, known);
  const runtime = await start(job, 'webgpu');
  try {
    if (known === RIGHT) return await openWebgpu(job, runtime, RIGHT);
    const { session, finding } = await checkWebgpu(job, runtime);
    if (model.sha256 !== null) await platform.writeNote(note, finding);
    return session ?? (await openWasm(job, finding, runtime));
  } catch (cause) {
    return openWasm(job, `auto: WebGPU failed: ${summarizeMessage(cause)}`, runtime);
  }
}

/** Runs the model on both: the WASM of the same build is at hand, and is what is right. */
async function checkWebgpu(
  job: Job,
  runtime: Onnxruntime,
): Promise<{ readonly session: Session | null; readonly finding: string }> {
  const reference = await openWasm(job, 'to check WebGPU', runtime);
  const input = makeCheckInput(reference, job.options.preprocessing);
  const expected = await runCheck(reference, input).finally(() => reference.dispose());
  const session = await openWebgpu(job, runtime, RIGHT);
  try {
    const fault = findFault(await runCheck(session, input), expected);
    if (fault === null) return { session, finding: RIGHT };
    await session.dispose();
    return { session: null, finding: `auto: WebGPU gave a wrong result, ${fault}` };
  } catch (error) {
    await session.dispose();
    throw error;
  }
}

function openWebgpu({ model }: Job, runtime: Onnxruntime, reason: string): Promise<Session> {
  return createSession(runtime, model, { device: 'webgpu', reason });
}

function start({ platform, options }: Job, build: WebDevice): Promise<Onnxruntime> {
  return platform.startOnnxruntime(build, options);
}

const RIGHT = 'auto: WebGPU gives the same as WASM, as a check with this model showed';

function noWebgpu(obstacle: string, cause?: unknown): AlexNetError {
  return new AlexNetError('DEVICE_UNAVAILABLE', {
    message: `The device "webgpu" is not available: ${obstacle}.`,
    hint: "It needs a page over https or on localhost, a browser with WebGPU (Chrome or Edge 113, Safari 26) and hardware acceleration: see chrome://gpu. Or use device: 'wasm'.",
    path: ['device'],
    ...(cause === undefined ? {} : { cause }),
  });
}

function noSuchDevice(device: never): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `There is no device "${String(device)}".`,
    hint: `Choose one of: auto, ${WEB_DEVICES.join(', ')}.`,
    path: ['device'],
  });
}
