import { AlexNetError, isAlexNetError, messageOf } from '@alexnet/core';
import type { EngineInfo } from '../training-engine.ts';

/** What onnxruntime computes on beside the processor, and what it takes. */
const CARDS: Readonly<
  Partial<Record<EngineInfo['device'], { readonly name: string; readonly remedy: string }>>
> = {
  cuda: {
    name: 'CUDA',
    remedy:
      'It takes Linux x64, an NVIDIA driver (check with nvidia-smi), CUDA 12 with cuDNN 9, and the provider: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node. Or use the processor: device cpu.',
  },
  webgpu: {
    name: 'WebGPU',
    remedy:
      "In Node it takes a graphics card's driver: on Linux x64 that of Vulkan (apt-get install libvulkan1 vulkan-tools, then check with vulkaninfo --summary), elsewhere Direct3D 12 or Metal; in a page a browser with WebGPU and hardware acceleration, and onnxruntime-web's build for it. Or use the processor: device cpu, in a page wasm.",
  },
};

/**
 * onnxruntime refuses a card that it cannot use in words of its own.
 *
 * @throws {@link AlexNetError} `DEVICE_UNAVAILABLE` with what helps; on a processor, and where it is this project's
 *   error, the cause as it is
 */
export function rejectDevice(device: EngineInfo['device'], cause: unknown): never {
  const card = CARDS[device];
  if (!card || isAlexNetError(cause)) throw cause;
  throw new AlexNetError('DEVICE_UNAVAILABLE', {
    message: `onnxruntime cannot train on ${card.name} here: ${messageOf(cause).split('\n')[0]}`,
    hint: card.remedy,
    path: ['device'],
    cause,
  });
}
