import { AlexNetError, fromErrorMessage, type Tensor, toErrorMessage } from '@alexnet/core';
import type { Classifier } from '../classifier.ts';
import {
  type ClientMessage,
  LOAD_ID,
  type PullAnswer,
  type RemoteCall,
  type Results,
  type WorkerMessage,
} from './messages.ts';
import type { Port } from './port.ts';

/** A picture that is still on the other side. */
export interface RemotePicture {
  /** Brings it over, as the other side's `encode` made it. */
  pull(): Promise<unknown>;
}

export interface LoadContext {
  /** Tells the other side's `onReport`: how far a download is, for example. */
  report(value: unknown): void;
}

/**
 * The worker's side: loads one model when asked to, and answers calls until it is disposed of.
 *
 * @param load - makes the classifier that was asked for; its pictures are pulled when they are decoded
 * @see connectClassifier for the other side
 */
export function serveClassifier(
  port: Port,
  load: (request: unknown, context: LoadContext) => Promise<Classifier<RemotePicture>>,
): void {
  const post = (message: WorkerMessage, transfer: readonly object[] = []): void =>
    port.post(message, transfer);
  const pulls = createPulls(post);
  const controllers = new Map<number, AbortController>();
  let loading: Promise<Classifier<RemotePicture>> | undefined;

  const attempt = async (
    id: number,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> => {
    const controller = new AbortController();
    controllers.set(id, controller);
    try {
      await work(controller.signal);
    } catch (error) {
      post({ kind: 'failed', id, error: toErrorMessage(error) });
    } finally {
      controllers.delete(id);
    }
  };
  const startLoading = (request: unknown): Promise<void> =>
    attempt(LOAD_ID, async () => {
      const report = (value: unknown): void => post({ kind: 'report', value });
      loading = load(request, { report });
      post({ kind: 'loaded', info: (await loading).info });
    });
  const answerCall = (id: number, call: RemoteCall): Promise<void> =>
    attempt(id, async (signal) => {
      if (loading === undefined) throw createNotLoadedError();
      const pictures = Array.from({ length: call.count }, (_, index) => ({
        pull: () => pulls.pull(id, index),
      }));
      await runCall(await loading, call, {
        pictures,
        signal,
        send: (results, first, transfer) => post({ kind: 'results', id, first, results }, transfer),
      });
      post({ kind: 'done', id });
    });
  const dispose = async (): Promise<void> => {
    await loading?.then((classifier) => classifier.dispose());
    post({ kind: 'disposed' });
  };
  port.listen({
    message(received) {
      const message = received as ClientMessage; // Posted by connectClassifier of this same package.
      switch (message.kind) {
        case 'load':
          void startLoading(message.request);
          break;
        case 'call':
          void answerCall(message.id, message.call);
          break;
        case 'picture':
          pulls.settle(message.pull, message.answer);
          break;
        case 'abort':
          controllers.get(message.id)?.abort();
          break;
        case 'dispose':
          void dispose();
          break;
        default:
          message satisfies never;
      }
    },
  });
}

interface RunningCall {
  readonly pictures: readonly RemotePicture[];
  readonly signal: AbortSignal;
  readonly send: (results: Results, first: number, transfer: readonly object[]) => void;
}

/** Makes a call and sends its results as they come. */
async function runCall(
  classifier: Classifier<RemotePicture>,
  { method, options }: RemoteCall,
  { pictures, signal, send }: RunningCall,
): Promise<void> {
  const given = { ...options, signal };
  switch (method.name) {
    case 'classifyBatch':
      await classifier.classifyBatch(pictures, {
        ...given,
        onResults: (results, first) => send([...results], first, []),
      });
      return;
    case 'logits':
      await classifier.logits(pictures, {
        ...given,
        onResults: (results, first) => send(results, first, []),
      });
      return;
    case 'features': {
      // Feature maps are large: they change hands.
      const transfer = (results: readonly Tensor[]): readonly object[] =>
        results.map(({ data }) => data.buffer);
      await classifier.features(method.layer, pictures, {
        ...given,
        onResults: (results, first) => send(results, first, transfer(results)),
      });
      return;
    }
    default:
      method satisfies never;
  }
}

interface Pulls {
  pull(id: number, index: number): Promise<unknown>;
  settle(pull: number, answer: PullAnswer): void;
}

function createPulls(post: (message: WorkerMessage) => void): Pulls {
  const waiting = new Map<number, (answer: PullAnswer) => void>();
  let next = 0;
  return {
    pull(id, index) {
      const pull = next++;
      return new Promise((resolve, reject) => {
        waiting.set(pull, (answer) => {
          if (answer.ok) resolve(answer.picture);
          else reject(fromErrorMessage(answer.error));
        });
        post({ kind: 'pull', pull, id, index });
      });
    },
    settle(pull, answer) {
      waiting.get(pull)?.(answer);
      waiting.delete(pull);
    },
  };
}

function createNotLoadedError(): AlexNetError {
  return new AlexNetError('INTERNAL', {
    message: 'The worker was asked to classify before it was asked to load a model.',
    hint: 'Please report it with the code that led here.',
  });
}
