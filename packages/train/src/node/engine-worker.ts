import { parentPort, workerData } from 'node:worker_threads';
import { AlexNetError, invariant } from '@alexnet/core';
import { createOrtEngine } from '../ort/index.ts';
import type { TrainingEngine } from '../training-engine.ts';
import type { EngineReply, EngineRequest, EngineWorkerData } from './engine-protocol.ts';
import { toErrorMessage } from './error-message.ts';
import { loadOnnxRuntime } from './onnxruntime.ts';

// The thread of the engine: onnxruntime-node holds its thread for as long as a run takes, and here nobody
// else waits for it. See worker-engine.ts for the other side.
const port = parentPort;
invariant(port, 'engine-worker.ts runs as a worker thread only.');

const starting = startEngine();
await reply(async () => (await starting).info);
port.on('message', (request: EngineRequest) => {
  void reply(async () => answer(await starting, request));
});

async function startEngine(): Promise<TrainingEngine> {
  const { options, device, threads }: EngineWorkerData = workerData;
  const ort = await loadOnnxRuntime();
  return createOrtEngine({
    ...options,
    ort,
    device,
    ...(threads === undefined ? {} : { threads }),
  });
}

async function answer(engine: TrainingEngine, request: EngineRequest) {
  switch (request.call) {
    case 'step':
      return engine.step(request.input);
    case 'forward':
      return engine.forward(request.images);
    case 'readState':
      return engine.readState();
    case 'dispose':
      await engine.dispose();
      return null;
    default:
      throw new AlexNetError('INTERNAL', {
        message: `Unknown call ${String(request satisfies never)}.`,
      });
  }
}

async function reply(work: () => Promise<(EngineReply & { ok: true })['value']>): Promise<void> {
  let message: EngineReply;
  try {
    message = { ok: true, value: await work() };
  } catch (error) {
    message = { ok: false, error: toErrorMessage(error) };
  }
  port?.postMessage(message);
}
