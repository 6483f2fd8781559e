import { AlexNetError } from '@alexnet/core';
import type { OrtModule } from '../ort.ts';
import type { Machine } from './machine.ts';

/** Devices of onnxruntime-node, by its providers' names. */
export const NODE_DEVICES = ['cpu', 'cuda', 'webgpu'] as const;
export type NodeDevice = (typeof NODE_DEVICES)[number];
/** `auto`: CUDA where it is installed and works, else the CPU. */
export type DeviceChoice = NodeDevice | 'auto';

export interface DeviceOption {
  readonly device: NodeDevice;
  readonly reason: string;
}

/** The first choice, and what to take if that fails. */
export type DeviceOptions = readonly [first: DeviceOption, fallback?: DeviceOption];

/**
 * The devices to try, in this order. One that was asked for by name comes alone: it is never replaced.
 *
 * @throws {@link AlexNetError} `DEVICE_UNAVAILABLE` if it cannot work here · `INVALID_ARGUMENT` if
 *   there is no such device
 */
export function listDeviceOptions(
  ort: Pick<OrtModule, 'listSupportedBackends'>,
  choice: DeviceChoice,
  machine: Facts,
): DeviceOptions {
  if (choice !== 'auto' && !NODE_DEVICES.includes(choice)) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `There is no device "${choice}".`,
      hint: `Choose one of: auto, ${NODE_DEVICES.join(', ')}.`,
      path: ['device'],
    });
  }
  const listed = new Set(ort.listSupportedBackends().map(({ name }) => name));
  if (choice === 'auto') return listAutoOptions(listed, machine);
  const obstacle = findObstacle(choice, listed, machine);
  if (obstacle) throw createUnavailableError(choice, { obstacle, machine });
  return [{ device: choice, reason: 'asked for by name' }];
}

/** What is known of a machine without trying. */
type Facts = Pick<Machine, 'platform' | 'hasCudaLibrary'>;

export interface Obstacle {
  readonly obstacle: string;
  readonly machine: Facts;
  /** What helps; what the device needs altogether unless given. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** The error for a device that cannot work here, or whose provider failed when it was tried. */
export function createUnavailableError(
  device: NodeDevice,
  { obstacle, machine, remedy = REMEDIES[device](machine.platform), cause }: Obstacle,
): AlexNetError {
  return new AlexNetError('DEVICE_UNAVAILABLE', {
    message: `The device "${device}" is not available: ${obstacle}.`,
    hint: `${remedy}${device === 'cpu' ? '' : " Or use device: 'cpu'."}`,
    path: ['device'],
    ...(cause === undefined ? {} : { cause }),
  });
}

function listAutoOptions(listed: ReadonlySet<string>, machine: Facts): DeviceOptions {
  const obstacle = findObstacle('cuda', listed, machine);
  if (obstacle) return [{ device: 'cpu', reason: `auto: no CUDA, ${obstacle}` }];
  return [
    { device: 'cuda', reason: 'auto: CUDA is installed' },
    { device: 'cpu', reason: 'auto: CUDA is installed, but did not work' },
  ];
}

/** What is known to be in the way, without trying the device. */
function findObstacle(
  device: NodeDevice,
  listed: ReadonlySet<string>,
  { platform, hasCudaLibrary }: Facts,
): string | null {
  if (!listed.has(device)) return `onnxruntime-node has no such provider for ${platform}`;
  // onnxruntime lists CUDA even when its library was never downloaded, and prints to stderr when tried.
  return device === 'cuda' && !hasCudaLibrary
    ? 'the CUDA provider of onnxruntime-node is not installed'
    : null;
}

const REMEDIES: Readonly<Record<NodeDevice, (platform: string) => string>> = {
  cpu: () => 'Reinstall onnxruntime-node: npm install onnxruntime-node.',
  cuda: (platform) =>
    platform === 'linux-x64'
      ? 'It needs an NVIDIA driver (check with nvidia-smi), CUDA 12 with cuDNN 9, and the provider: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node (with pnpm, allow its build script first: pnpm approve-builds).'
      : 'onnxruntime-node runs CUDA on Linux x64 only.',
  webgpu: (platform) =>
    platform.startsWith('linux')
      ? 'On Linux it needs x64 and the Vulkan driver of a graphics card (apt-get install libvulkan1 vulkan-tools, then check with vulkaninfo --summary).'
      : 'It needs a graphics driver with Direct3D 12 or Metal.',
};
