import { AlexNetError } from '@alexnet/core';
import type { EngineDevice } from '../engine-protocol.ts';
import type { TensorFlowDevice } from './tensorflow-options.ts';

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` for a device that TensorFlow does not know in Node */
export function checkTensorFlowDevice(device: EngineDevice): TensorFlowDevice {
  if (device !== 'webgpu') return device;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: 'TensorFlow does not compute on WebGPU in Node.',
    hint: 'Use the engine onnxruntime for it, or one of the devices: cpu, cuda.',
    path: ['device'],
  });
}
