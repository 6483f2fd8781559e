import type { EngineFactory } from '@alexnet/train';
import {
  checkTensorFlowDevice,
  createWorkerEngineFactory,
  type EngineDevice,
  probeCuda,
} from '@alexnet/train/node';
import type { Terminal } from '../terminal/terminal.ts';
import type { EngineChoice, EngineWish } from './engine-choice.ts';
import type { RunConfig } from './run-config.ts';
import { tryDevice } from './try-device.ts';

/**
 * Chooses what computes. `auto`, which is meant unless another is named: TensorFlow where it is set up for CUDA and
 * sees a card, onnxruntime elsewhere. WebGPU is onnxruntime's alone.
 *
 * @throws {@link AlexNetError} `DEVICE_UNAVAILABLE` if a device is asked for and not there · `INVALID_ARGUMENT` for
 *   TensorFlow on WebGPU
 */
export async function chooseEngine(wish: EngineWish, terminal: Terminal): Promise<EngineChoice> {
  const { engine = 'auto', device } = wish;
  if (engine === 'tfjs' && device) checkTensorFlowDevice(device);
  if (engine === 'onnxruntime' || device === 'webgpu') {
    return { name: 'onnxruntime', device: await chooseDevice(device) };
  }
  if (device === 'cpu') return { name: engine === 'auto' ? 'onnxruntime' : engine, device };
  const { isSetUp, obstacle } = await probeCuda();
  if (obstacle === null) return { name: 'tfjs', device: 'cuda' };
  if (device === 'cuda') throw obstacle;
  if (isSetUp) terminal.note(`No CUDA: ${obstacle.message} The processor trains.`);
  return { name: engine === 'auto' ? 'onnxruntime' : engine, device: 'cpu' };
}

/** Of onnxruntime, which leaves the processor only when it is told to. */
async function chooseDevice(device: EngineDevice = 'cpu'): Promise<EngineDevice> {
  if (device !== 'cpu') await tryDevice(device);
  return device;
}

/** The engine of a run, in a thread of its own. */
export function createEngineOf({ engine, threads, convolutions }: RunConfig): EngineFactory {
  const { name, device } = engine;
  // They were measured on the processor.
  const isMeasured = convolutions !== null && name === 'onnxruntime' && device === 'cpu';
  return createWorkerEngineFactory({
    engine: name,
    device,
    threads,
    ...(isMeasured ? { convolutions } : {}),
  });
}
