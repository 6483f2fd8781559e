import { AlexNetError } from '@alexnet/core';
import { describe, expect, test } from 'vitest';
import type { Classifier } from '../classifier.ts';
import { createClassifier } from '../create-classifier.ts';
import { createFake, type FakeSource, pause, range } from '../test-classifier.ts';
import { type ConnectOptions, connectClassifier } from './connect-classifier.ts';
import type { Port, PortHandlers } from './port.ts';
import { type RemotePicture, serveClassifier } from './serve-classifier.ts';

/** Two ends of a channel in one thread, with the copies that two threads would make. */
function createChannel() {
  const createEnd = () => {
    let handlers: PortHandlers | undefined;
    const sent: unknown[] = [];
    return {
      sent,
      deliver: (message: unknown) => setTimeout(() => handlers?.message(message)),
      die: (reason: AlexNetError) => handlers?.close?.(reason),
      listen: (given: PortHandlers) => {
        handlers = given;
      },
    };
  };
  const here = createEnd();
  const there = createEnd();
  const post = (to: typeof here): Port['post'] => {
    return (message, transfer) => {
      const list = transfer.filter((item) => item instanceof ArrayBuffer);
      const copy: unknown = structuredClone(message, { transfer: list });
      to.sent.push(copy);
      to.deliver(copy);
    };
  };
  const page: Port = { post: post(there), listen: here.listen };
  const worker: Port = { post: post(here), listen: there.listen };
  return { page, worker, die: here.die, toWorker: there.sent };
}

interface Setup extends Partial<ConnectOptions<FakeSource>> {
  readonly fake?: Parameters<typeof createFake>[0];
  readonly load?: () => Promise<Classifier<RemotePicture>>;
}

async function connect({ fake: fakeOptions, load, ...options }: Setup = {}) {
  const channel = createChannel();
  const fake = createFake(fakeOptions);
  const requests: unknown[] = [];
  let closed = 0;
  serveClassifier(channel.worker, async (request, { report }) => {
    requests.push(request);
    report({ progress: 0.5 });
    if (load) return load();
    const { labels, preprocessing, preset, provenance } = fake.classifier.info;
    return createClassifier<RemotePicture>({
      session: fake.session,
      metadata: { labels, preprocessing, preset, provenance },
      decode: async (remote) => {
        const value = await remote.pull();
        if (typeof value !== 'number') throw new Error(`not a number: ${value}`);
        await fakeOptions?.decode?.(value);
        fake.events.push(`decode ${value}`);
        return { width: 1, height: 1, channels: 1, pixels: Uint8Array.of(value) };
      },
    });
  });
  const connecting = connectClassifier<FakeSource>(channel.page, {
    request: { value: { model: 'a.onnx' } },
    encode: (picture) => ({ value: picture }),
    close: () => {
      closed++;
    },
    ...options,
  });
  return { ...channel, ...fake, connecting, requests, closed: () => closed };
}

test('the classifier on this side says and gives what the one on the other side does', async () => {
  const reports: unknown[] = [];
  const {
    connecting,
    classifier: direct,
    requests,
  } = await connect({
    onReport: (value) => reports.push(value),
  });
  const classifier = await connecting;
  expect(requests).toEqual([{ model: 'a.onnx' }]);
  expect(reports).toEqual([{ progress: 0.5 }]);
  expect(classifier.info).toEqual(direct.info);
  const options = { topK: 2, batchSize: 3 };
  expect(await classifier.classify(7)).toEqual(await direct.classify(7));
  expect(await classifier.classifyBatch(range(8), options)).toEqual(
    await direct.classifyBatch(range(8), options),
  );
  expect(await classifier.logits(range(4))).toEqual(await direct.logits(range(4)));
  expect(await classifier.features('pair', range(4))).toEqual(
    await direct.features('pair', range(4)),
  );
});

test('pictures cross when they are decoded, a few at a time', async () => {
  const { connecting, toWorker } = await connect({ fake: { decode: pause } });
  const classifier = await connecting;
  let most = 0;
  let pulled = 0;
  await classifier.logits(range(40), {
    batchSize: 4,
    onResults: (results, first) => {
      const pictures = toWorker.filter((message) => JSON.stringify(message).includes('"picture"'));
      pulled = pictures.length;
      most = Math.max(most, pulled - (first + results.length));
    },
  });
  expect(pulled).toBe(40);
  // Two chunks of four are in memory.
  expect(most).toBeLessThanOrEqual(8);
});

test('calls that overlap get their own answers', async () => {
  const classifier = await (await connect({ fake: { decode: pause } })).connecting;
  const answers = await Promise.all(
    range(9).map((value) => classifier.logits([value, value + 100])),
  );
  expect(answers.map((rows) => rows.map((row) => row[0]))).toEqual(
    range(9).map((value) => [value, value + 100]),
  );
});

describe('errors', () => {
  const failing = async (value: number): Promise<void> => {
    if (value !== 5) return;
    throw new AlexNetError('INVALID_PICTURE', {
      message: 'five.jpg is cut short.',
      hint: 'Again.',
    });
  };

  test('cross with code, message, hint and path', async () => {
    const classifier = await (await connect({ fake: { decode: failing } })).connecting;
    await expect(classifier.classifyBatch(range(8), { batchSize: 2 })).rejects.toMatchObject({
      name: 'AlexNetError',
      code: 'INVALID_PICTURE',
      message: 'Picture 5 (counted from 0): five.jpg is cut short.',
      hint: 'Again.',
      path: ['pictures[5]'],
    });
    await expect(classifier.classify(1, { topK: 0 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(classifier.features('nix', [1])).rejects.toMatchObject({ path: ['layer'] });
    const call = Reflect.apply(classifier.classifyBatch, classifier, ['a.jpg']);
    await expect(call).rejects.toMatchObject({ path: ['pictures'] });
    expect(await classifier.classify(1)).toHaveLength(3);
  });

  test('of encoding a picture on this side come back as they were', async () => {
    const { connecting } = await connect({
      encode: () => {
        throw new AlexNetError('NOT_FOUND', { message: 'There is no canvas.' });
      },
    });
    const classifier = await connecting;
    await expect(classifier.classify(1)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no canvas.',
    });
  });

  test('of onResults end the call', async () => {
    const { connecting, events } = await connect({ fake: { decode: pause } });
    const classifier = await connecting;
    const mine = new Error('mine');
    const call = classifier.logits(range(20), {
      batchSize: 2,
      onResults: () => {
        throw mine;
      },
    });
    await expect(call).rejects.toBe(mine);
    await classifier.dispose();
    expect(events.filter((event) => event.startsWith('run')).length).toBeLessThan(10);
  });

  test('of loading close the worker', async () => {
    const { connecting, closed } = await connect({
      load: async () => {
        throw new AlexNetError('INVALID_MODEL', { message: 'a.onnx is a text file.' });
      },
    });
    await expect(connecting).rejects.toMatchObject({ code: 'INVALID_MODEL' });
    expect(closed()).toBe(1);
  });
});

describe('a signal', () => {
  test('ends a call over there as well', async () => {
    const { connecting, events } = await connect({ fake: { decode: pause } });
    const classifier = await connecting;
    const controller = new AbortController();
    const call = classifier.logits(range(100), {
      batchSize: 2,
      signal: controller.signal,
      onResults: () => controller.abort('enough'),
    });
    await expect(call).rejects.toBe('enough');
    expect(await classifier.classify(1)).toHaveLength(3);
    await classifier.dispose();
    expect(events.filter((event) => event.startsWith('run')).length).toBeLessThan(10);
  });

  test('ends the loading, and closes the worker', async () => {
    const controller = new AbortController();
    const { connecting, closed } = await connect({
      load: () => new Promise(() => {}),
      signal: controller.signal,
    });
    controller.abort('not now');
    await expect(connecting).rejects.toBe('not now');
    expect(closed()).toBe(1);
  });
});

describe('the end', () => {
  test('dispose waits for the calls under way, frees the model there, closes the worker', async () => {
    const { connecting, events, closed } = await connect({ fake: { decode: pause } });
    const classifier = await connecting;
    const call = classifier.classify(1);
    await Promise.all([classifier.dispose(), classifier[Symbol.asyncDispose]()]);
    expect(await call).toHaveLength(3);
    expect(events.at(-1)).toBe('dispose');
    expect(closed()).toBe(1);
    await expect(classifier.classify(1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('a worker that dies fails the calls under way and those to come; dispose does not wait', async () => {
    const never = () => new Promise<void>(() => {});
    const { connecting, die, closed } = await connect({ fake: { decode: never } });
    const classifier = await connecting;
    const call = classifier.classify(1);
    await pause();
    const reason = new AlexNetError('INTERNAL', { message: 'The worker ended.' });
    die(reason);
    await expect(call).rejects.toBe(reason);
    await expect(classifier.classify(2)).rejects.toBe(reason);
    await classifier.dispose();
    expect(closed()).toBe(1);
  });

  test('a worker that dies while it loads', async () => {
    const { connecting, die } = await connect({ load: () => new Promise(() => {}) });
    await pause();
    const reason = new AlexNetError('INTERNAL', { message: 'The worker ended.' });
    die(reason);
    await expect(connecting).rejects.toBe(reason);
  });
});
