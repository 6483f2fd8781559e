import { SHARE_ENV, Worker } from 'node:worker_threads';
import { AlexNetError, fromErrorMessage } from '@alexnet/core';
import type { OrtEngineOptions } from '../ort/index.ts';
import type {
  EngineFactory,
  EngineInfo,
  EngineName,
  EngineState,
  StepInput,
  StepLoop,
  StepOutput,
  TrainingEngine,
} from '../training-engine.ts';
import {
  type EngineDevice,
  type EngineReply,
  type EngineRequest,
  type EngineStart,
  type EngineStarted,
  isTransferable,
} from './engine-protocol.ts';

export interface WorkerEngineOptions {
  /** `onnxruntime` unless given. */
  readonly engine?: EngineName;
  /** `cpu` unless given. */
  readonly device?: EngineDevice;
  /** Threads of a run; the engine decides unless given. */
  readonly threads?: number;
  /** Of onnxruntime: whether a run takes one step or several; what suits the device unless given. */
  readonly form?: OrtEngineOptions['form'];
  /** Of onnxruntime: how it computes convolutions; what suits the device unless given. */
  readonly convolutions?: OrtEngineOptions['convolutions'];
}

/**
 * Engines on onnxruntime-node or tfjs-node, each in a thread of its own: while a step runs, this thread reads pictures,
 * shows progress and hears signals.
 *
 * @throws {@link AlexNetError} from the factory: `MISSING_DEPENDENCY`, `DEVICE_UNAVAILABLE`
 */
export function createWorkerEngineFactory({
  engine = 'onnxruntime',
  device = 'cpu',
  threads,
  form,
  convolutions,
}: WorkerEngineOptions = {}): EngineFactory {
  return async (options) => {
    const start = { engine, options, device, threads, form, convolutions };
    const connection = new WorkerConnection(start);
    try {
      return new WorkerEngine(await connection.started, connection);
    } catch (error) {
      await connection.end();
      throw error;
    }
  };
}

class WorkerEngine implements TrainingEngine {
  readonly info: EngineInfo;
  readonly loop?: StepLoop;
  readonly #connection: WorkerConnection;

  constructor({ info, maxSteps }: EngineStarted, connection: WorkerConnection) {
    this.info = info;
    this.#connection = connection;
    if (maxSteps !== null) this.loop = { maxSteps, run: (inputs) => this.#run(inputs) };
  }

  step(input: StepInput): Promise<StepOutput> {
    return this.#connection.call<StepOutput>({ call: 'step', input }, buffersOf(input));
  }

  forward(images: Float32Array): Promise<Float32Array> {
    return this.#connection.call<Float32Array>({ call: 'forward', images }, [images.buffer]);
  }

  readState(): Promise<EngineState> {
    return this.#connection.call<EngineState>({ call: 'readState' });
  }

  async dispose(): Promise<void> {
    await this.#connection.close();
  }

  #run(inputs: readonly StepInput[]): Promise<readonly StepOutput[]> {
    const transfer = inputs.flatMap(buffersOf);
    return this.#connection.call<readonly StepOutput[]>({ call: 'loop', inputs }, transfer);
  }
}

function buffersOf({ images, targets }: StepInput): readonly ArrayBufferLike[] {
  return [images.buffer, targets.buffer];
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** One request after another; answers come in the order of the requests. */
class WorkerConnection {
  readonly started: Promise<EngineStarted>;
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: unknown;

  constructor(start: EngineStart) {
    this.#worker = new Worker(new URL('./engine-worker.js', import.meta.url), {
      // TensorFlow reads the environment of the process, which a copy of it does not reach.
      env: SHARE_ENV,
    });
    this.#worker.on('message', (reply: EngineReply) => this.#receive(reply));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(workerGone()));
    this.#worker.postMessage(start);
    this.started = this.#wait<EngineStarted>();
  }

  call<Value>(request: EngineRequest, transfer: readonly ArrayBufferLike[] = []): Promise<Value> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const answer = this.#wait<Value>();
    this.#worker.postMessage(request, transfer.filter(isTransferable));
    return answer;
  }

  async close(): Promise<void> {
    if (this.#failure === undefined) await this.call({ call: 'dispose' });
    await this.end();
  }

  /** Without a word to the engine: a thread that waits keeps the process alive. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #wait<Value>(): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      // The protocol fixes the type of each answer.
      this.#waiting.push({ resolve: (value) => resolve(value as Value), reject });
    });
  }

  #receive(reply: EngineReply): void {
    const waiting = this.#waiting.shift();
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(fromErrorMessage(reply.error));
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure);
  }
}

function workerGone(): AlexNetError {
  return new AlexNetError('INTERNAL', {
    message: "The engine's thread ended before it answered.",
    hint: 'It may have run out of memory: try a smaller --batch-size.',
  });
}
