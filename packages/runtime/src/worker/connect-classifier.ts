import {
  type AlexNetError,
  fromErrorMessage,
  invariant,
  type Tensor,
  toErrorMessage,
} from '@alexnet/core';
import { createCallTracker, rejectOnAbort } from '../call-tracker.ts';
import { checkPictures } from '../check-options.ts';
import type { BatchOptions, Classifier, ClassifierInfo, ClassifyOptions } from '../classifier.ts';
import type { Prediction } from '../top-k.ts';
import {
  type ClientMessage,
  LOAD_ID,
  type Method,
  type RemoteCall,
  type Results,
  type WorkerMessage,
} from './messages.ts';
import type { Parcel, Port } from './port.ts';

export interface ConnectOptions<Source> {
  /** What the worker's `load` is called with. */
  readonly request: Parcel;
  /** Makes of a picture what can be posted; called when the worker is about to decode it. */
  readonly encode: (picture: Source) => Parcel | Promise<Parcel>;
  /** What the worker reports while it loads. */
  readonly onReport?: (value: unknown) => void;
  /** Ends the worker: after it is disposed of, or if it cannot load the model. */
  readonly close: () => void | Promise<void>;
  /** Ends the loading. */
  readonly signal?: AbortSignal;
}

/**
 * The page's side: has a worker load a model, and gives a classifier that works there.
 *
 * @throws what the worker's `load` throws; the signal's reason
 * @see serveClassifier for the other side
 */
export async function connectClassifier<Source>(
  port: Port,
  options: ConnectOptions<Source>,
): Promise<Classifier<Source>> {
  const { request, close, signal } = options;
  const connection = new Connection(port, options);
  try {
    const info = await rejectOnAbort(connection.load(request), signal);
    return createRemoteClassifier(info, connection, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function createRemoteClassifier<Source>(
  info: ClassifierInfo,
  connection: Connection<Source>,
  close: () => void | Promise<void>,
): Classifier<Source> {
  const calls = createCallTracker();
  const call = <Result>(
    name: Method,
    pictures: readonly Source[],
    options: BatchOptions<Result> & ClassifyOptions = {},
  ): Promise<Result[]> => {
    const { signal } = options;
    return calls.track(async () => {
      checkPictures(pictures);
      return connection.call(name, pictures, options);
    }, signal);
  };
  const dispose = (): Promise<void> =>
    calls.close(async () => {
      await connection.dispose();
      await close();
    });
  const classifyBatch: Classifier<Source>['classifyBatch'] = (pictures, options) =>
    call<Prediction[]>({ name: 'classifyBatch' }, pictures, options);
  return {
    info,
    classify: async (picture, options) => (await classifyBatch([picture], options))[0] ?? [],
    classifyBatch,
    logits: (pictures, options) => call<Float32Array>({ name: 'logits' }, pictures, options),
    features: (layer, pictures, options) =>
      call<Tensor>({ name: 'features', layer }, pictures, options),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** A call that the worker has not answered to the end. */
interface Pending<Source> {
  readonly pictures: readonly Source[];
  receive(results: Results, first: number): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** Keeps the calls under way on one port apart. */
class Connection<Source> {
  readonly #port: Port;
  readonly #options: ConnectOptions<Source>;
  readonly #pending = new Map<number, Pending<Source>>();
  #info: ClassifierInfo | undefined;
  #disposed: (() => void) | undefined;
  #nextId = LOAD_ID + 1;
  /** Why the worker is gone. */
  #failure: AlexNetError | undefined;

  constructor(port: Port, options: ConnectOptions<Source>) {
    this.#port = port;
    this.#options = options;
    port.listen({
      // Posted by serveClassifier of this same package.
      message: (message) => this.#receive(message as WorkerMessage),
      close: (reason) => this.#fail(reason),
    });
  }

  async load({ value, transfer = [] }: Parcel): Promise<ClassifierInfo> {
    const loaded = this.#wait(LOAD_ID, { pictures: [], receive: () => {} });
    this.#post({ kind: 'load', request: value }, transfer);
    await loaded;
    invariant(this.#info, 'The worker says that it has loaded a model, but not which.');
    return this.#info;
  }

  /** @throws the worker's error; its results are handed on as they come */
  async call<Result>(
    method: Method,
    pictures: readonly Source[],
    { signal, onResults, ...options }: BatchOptions<Result> & ClassifyOptions,
  ): Promise<Result[]> {
    const id = this.#nextId++;
    const gathered: Result[] = [];
    const call: RemoteCall = { method, count: pictures.length, options };
    const done = this.#wait(id, {
      pictures,
      receive: (results, first) => {
        const ours = results as readonly Result[]; // The method fixes the type of its results.
        for (const result of ours) gathered.push(result);
        onResults?.(ours, first);
      },
    });
    const abort = (): void => this.#post({ kind: 'abort', id });
    signal?.addEventListener('abort', abort, { once: true });
    this.#post({ kind: 'call', id, call });
    try {
      await done;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    return gathered;
  }

  /** Waits until the worker has freed the model; one that is gone has. */
  async dispose(): Promise<void> {
    if (this.#failure) return;
    const disposed = new Promise<void>((resolve) => {
      this.#disposed = resolve;
    });
    this.#port.hold?.(true);
    this.#post({ kind: 'dispose' });
    await disposed;
  }

  #post(message: ClientMessage, transfer: readonly object[] = []): void {
    if (!this.#failure) this.#port.post(message, transfer);
  }

  #wait(id: number, call: Pick<Pending<Source>, 'pictures' | 'receive'>): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { ...call, resolve, reject });
      this.#port.hold?.(true);
    });
  }

  #receive(message: WorkerMessage): void {
    switch (message.kind) {
      case 'loaded':
        this.#info = message.info;
        this.#take(LOAD_ID)?.resolve();
        break;
      case 'report':
        this.#options.onReport?.(message.value);
        break;
      case 'pull':
        void this.#sendPicture(message);
        break;
      case 'results':
        this.#receiveResults(message);
        break;
      case 'done':
        this.#take(message.id)?.resolve();
        break;
      case 'failed':
        this.#take(message.id)?.reject(fromErrorMessage(message.error));
        break;
      case 'disposed':
        this.#disposed?.();
        break;
      default:
        message satisfies never;
    }
  }

  #receiveResults({ id, results, first }: Extract<WorkerMessage, { kind: 'results' }>): void {
    try {
      this.#pending.get(id)?.receive(results, first);
    } catch (error) {
      // The caller's own onResults threw: its call ends with that, here and in the worker.
      this.#take(id)?.reject(error);
      this.#post({ kind: 'abort', id });
    }
  }

  async #sendPicture({ pull, id, index }: Extract<WorkerMessage, { kind: 'pull' }>): Promise<void> {
    const call = this.#pending.get(id);
    try {
      invariant(
        call && index < call.pictures.length,
        `There is no picture ${index} of call ${id}.`,
      );
      const { value, transfer = [] } = await this.#options.encode(call.pictures[index] as Source);
      this.#post({ kind: 'picture', pull, answer: { ok: true, picture: value } }, transfer);
    } catch (error) {
      const answer = { ok: false, error: toErrorMessage(error) } as const;
      this.#post({ kind: 'picture', pull, answer });
    }
  }

  #take(id: number): Pending<Source> | undefined {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#port.hold?.(false);
    return call;
  }

  #fail(reason: AlexNetError): void {
    this.#failure ??= reason;
    for (const call of this.#pending.values()) call.reject(reason);
    this.#pending.clear();
    this.#disposed?.();
  }
}
