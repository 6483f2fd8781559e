import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { AlexNetError, invariant, toErrorMessage } from '@alexnet/core';
import { createOrtEngine } from '../ort/index.ts';
import type { EngineName, TrainingEngine } from '../training-engine.ts';
import {
  type EngineReply,
  type EngineRequest,
  type EngineStart,
  isTransferable,
} from './engine-protocol.ts';
import { loadOnnxRuntime } from './onnxruntime.ts';
import { checkTensorFlowDevice } from './tensorflow/check-tensorflow-device.ts';

// The thread of the engine: onnxruntime-node and tfjs-node hold their thread for as long as a run takes, and here
// nobody else waits for it. See worker-engine.ts for the other side.
const port = parentPort;
invariant(port, 'engine-worker.ts runs as a worker thread only.');

// By message, not as the thread's own data, which would stay for as long as the thread: the weights are in it.
const starting = once(port, 'message').then(([start]) => startEngine(start));
await reply(async () => {
  const { info, loop } = await starting;
  return { value: { info, maxSteps: loop?.maxSteps ?? null } };
});
port.on('message', (request: EngineRequest) => {
  void reply(async () => answer(await starting, request));
});

/** A value, and the buffers in it that go over without being copied. */
interface Answer {
  readonly value: (EngineReply & { ok: true })['value'];
  readonly transfer?: readonly ArrayBufferLike[];
}

type StartEngine = (data: EngineStart) => Promise<TrainingEngine>;

function startEngine(data: EngineStart): Promise<TrainingEngine> {
  const engines: Readonly<Record<EngineName, StartEngine>> = {
    onnxruntime: startOnnxRuntime,
    tfjs: startTfjs,
  };
  return engines[data.engine](data);
}

async function startOnnxRuntime({ options, device, threads, form, convolutions }: EngineStart) {
  const ort = await loadOnnxRuntime();
  return createOrtEngine({
    ...options,
    ort,
    device,
    // They came by message: nobody else has them.
    ownsState: true,
    // Beside it, threads read and decode the next pictures.
    allowSpinning: false,
    ...(threads === undefined ? {} : { threads }),
    ...(form === undefined ? {} : { form }),
    ...(convolutions === undefined ? {} : { convolutions }),
  });
}

async function startTfjs({ options, device, threads }: EngineStart) {
  // Only here: a thread of onnxruntime starts without reading how each op is said to TensorFlow.
  const { startTfjsEngine } = await import('./tensorflow/tfjs-on-node.ts');
  return startTfjsEngine({
    ...options,
    device: checkTensorFlowDevice(device),
    ownsState: true,
    ...(threads === undefined ? {} : { threads }),
  });
}

async function answer(engine: TrainingEngine, request: EngineRequest): Promise<Answer> {
  switch (request.call) {
    case 'step': {
      const value = await engine.step(request.input);
      return { value, transfer: [value.logits.buffer] };
    }
    case 'loop': {
      invariant(engine.loop, 'the engine takes one step at a time');
      const value = await engine.loop.run(request.inputs);
      return { value, transfer: value.map(({ logits }) => logits.buffer) };
    }
    case 'forward': {
      const value = await engine.forward(request.images);
      return { value, transfer: [value.buffer] };
    }
    case 'readState': {
      const value = await engine.readState();
      return { value, transfer: [...value.values()].map(({ data }) => data.buffer) };
    }
    case 'dispose':
      await engine.dispose();
      return { value: null };
    default:
      throw new AlexNetError('INTERNAL', {
        message: `Unknown call ${String(request satisfies never)}.`,
      });
  }
}

async function reply(work: () => Promise<Answer>): Promise<void> {
  try {
    const { value, transfer = [] } = await work();
    const message: EngineReply = { ok: true, value };
    port?.postMessage(message, transfer.filter(isTransferable));
  } catch (error) {
    const message: EngineReply = { ok: false, error: toErrorMessage(error) };
    port?.postMessage(message);
  }
}
