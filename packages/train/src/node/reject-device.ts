import { AlexNetError, isAlexNetError, messageOf } from '@alexnet/core';
import type { EngineDevice } from './engine-protocol.ts';

/** What a device of onnxruntime-node takes beside the processor. */
const DEVICES: Readonly<
  Record<Exclude<EngineDevice, 'cpu'>, { readonly name: string; readonly remedy: string }>
> = {
  cuda: {
    name: 'CUDA',
    remedy:
      'It takes Linux x64, an NVIDIA driver (check with nvidia-smi), CUDA 12 with cuDNN 9, and the provider: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node.',
  },
  webgpu: {
    name: 'WebGPU',
    remedy:
      "It takes a graphics card's driver: on Linux x64 that of Vulkan (apt-get install libvulkan1 vulkan-tools, then check with vulkaninfo --summary), elsewhere Direct3D 12 or Metal.",
  },
};

/**
 * onnxruntime refuses a card that it cannot use in words of its own.
 *
 * @throws {@link AlexNetError} `DEVICE_UNAVAILABLE` with what helps; what is an error of this project's as it is
 */
export function rejectDevice(device: keyof typeof DEVICES, cause: unknown): never {
  if (isAlexNetError(cause)) throw cause;
  const { name, remedy } = DEVICES[device];
  throw new AlexNetError('DEVICE_UNAVAILABLE', {
    message: `onnxruntime-node cannot train on ${name} here: ${messageOf(cause).split('\n')[0]}`,
    hint: `${remedy} On the processor: --device cpu`,
    path: ['device'],
    cause,
  });
}
