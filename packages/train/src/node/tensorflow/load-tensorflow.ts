import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { AlexNetError, messageOf } from '@alexnet/core';
import type { TensorFlow, TensorFlowBackend } from '../../tfjs/index.ts';
import { BINDING, type FoundTensorFlow, findTensorFlow } from './find-tensorflow.ts';
import { tensorFlowFolder } from './installed.ts';
import type { TensorFlowDevice, TensorFlowFacts, TensorFlowOptions } from './tensorflow-options.ts';

// The gate of tfjs-node and tfjs-node-gpu: the one file that loads them, when the first engine starts.

/**
 * Loads TensorFlow for a device.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` with the command that sets it up · `DEVICE_UNAVAILABLE` if it
 *   would compute elsewhere
 */
export async function loadTensorFlow(options: TensorFlowOptions): Promise<TensorFlowBackend> {
  const { device, threads } = options;
  const found = options.found ?? choose(await findTensorFlow(), device);
  const { tf, runsOn, tfjs, tensorflow } = openTensorFlow(found, threads);
  if (runsOn !== device) throw wrongDevice(found, device);
  const version = `${tfjs} with TensorFlow ${tensorflow}`;
  return { tf, device, version, threads: Number(process.env[THREADS] ?? 0) };
}

const THREADS = 'TF_NUM_INTRAOP_THREADS';

/** On a CPU either will do; the one that knows no cards first. */
function choose(candidates: readonly FoundTensorFlow[], device: TensorFlowDevice): FoundTensorFlow {
  const [plain, gpu] = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'].map((name) =>
    candidates.find((candidate) => candidate.package === name),
  );
  const chosen = device === 'cuda' ? gpu : (plain ?? gpu);
  if (chosen) return chosen;
  const wanted = device === 'cuda' ? 'tfjs-node-gpu' : 'tfjs-node';
  throw new AlexNetError('MISSING_DEPENDENCY', {
    message: `TensorFlow is not set up for ${device}: there is no @tensorflow/${wanted} with a binding, neither in ${process.cwd()} nor in ${tensorFlowFolder()}.`,
    hint: `Set it up: ${setUpCommand(`@tensorflow/${wanted}`)}`,
  });
}

/** What TensorFlow reads when it starts; what the user has set stays. */
function prepareProcess(threads: number | undefined): void {
  const defaults = {
    // Errors only: it writes to stderr, which is the caller's.
    TF_CPP_MIN_LOG_LEVEL: '2',
    // It takes all of a card's memory at once otherwise, and a second engine none.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    ...(threads === undefined ? {} : { [THREADS]: String(threads) }),
  };
  for (const [name, value] of Object.entries(defaults)) process.env[name] ??= value;
  // tfjs-node 4.22 calls it; Node 22 warns of it, and 23 removed it.
  Reflect.set(util, 'isNullOrUndefined', (value: unknown) => value === null || value === undefined);
}

export interface OpenTensorFlow extends TensorFlowFacts {
  readonly tf: TensorFlow;
}

/** Loads a package, whatever it computes on. @throws {@link AlexNetError} `MISSING_DEPENDENCY` if it cannot be loaded */
export function openTensorFlow(
  { package: name, directory }: FoundTensorFlow,
  threads?: number,
): OpenTensorFlow {
  const require = createRequire(join(directory, 'index.js'));
  checkAlone(name, directory, require);
  prepareProcess(threads);
  try {
    // tfjs-node gives what tfjs-core gives, and more.
    const tf = require(directory) as TensorFlow;
    const backend: unknown = tf.backend();
    return {
      tf,
      // `tf.node` says nothing of the device; the binding computes on the first card that TensorFlow lists.
      runsOn: read(backend, 'isUsingGpuDevice') === true ? 'cuda' : 'cpu',
      tfjs: tf.version_core,
      tensorflow: String(read(read(backend, 'binding'), 'TF_Version')),
    };
  } catch (cause) {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: `${name} in ${directory} cannot be loaded: ${messageOf(cause)}`,
      hint: `Set it up anew: alexnet setup tfjs --remove, then ${setUpCommand(name)}`,
      cause,
    });
  }
}

/** A second binding would be given the first one's library, whose file has the same name. */
function checkAlone(name: string, directory: string, { cache }: NodeJS.Require): void {
  const own = realpathSync(directory);
  const other = Object.keys(cache).find((path) => path.endsWith(BINDING) && !path.startsWith(own));
  if (other === undefined) return;
  throw new AlexNetError('UNSUPPORTED', {
    message: `${name} in ${directory} cannot be loaded beside ${other}: a process holds one TensorFlow.`,
    hint: 'Take a process for each: alexnet parity MODEL --runtimes tfjs-cuda',
  });
}

function setUpCommand(name: string): string {
  return `alexnet setup tfjs${name.endsWith('-gpu') ? ' --gpu' : ''}`;
}

function read(object: unknown, key: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, key) : undefined;
}

function wrongDevice(
  { package: name, directory }: FoundTensorFlow,
  device: TensorFlowDevice,
): AlexNetError {
  if (device === 'cuda') {
    return new AlexNetError('DEVICE_UNAVAILABLE', {
      message: `${name} in ${directory} sees no CUDA device.`,
      hint: 'Check nvidia-smi, and that TensorFlow was built for CUDA: alexnet setup tfjs --gpu. On the processor: --device cpu',
    });
  }
  return new AlexNetError('DEVICE_UNAVAILABLE', {
    message: `${name} in ${directory} computes on a CUDA device, but the processor is asked for.`,
    hint: 'Set up the one for processors: alexnet setup tfjs. Or hide the cards: CUDA_VISIBLE_DEVICES=-1',
  });
}
