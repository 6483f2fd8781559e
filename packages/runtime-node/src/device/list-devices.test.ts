import { expect, test } from 'vitest';
import { createUnavailableError, listDeviceOptions } from './list-devices.ts';

const LINUX = { platform: 'linux-x64', hasCudaLibrary: false };
const GPU = { platform: 'linux-x64', hasCudaLibrary: true };
const MAC = { platform: 'darwin-arm64', hasCudaLibrary: false };

/** Lists what onnxruntime-node 1.30 lists on Linux x64, CUDA or not. */
const onLinux = fakeOrt('cpu', 'webgpu', 'cuda', 'tensorrt');
const onMac = fakeOrt('cpu', 'webgpu', 'coreml');

function fakeOrt(...names: readonly string[]) {
  return { listSupportedBackends: () => names.map((name) => ({ name })) };
}

function isError(code: string, message: RegExp, hint: RegExp) {
  return expect.objectContaining({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
}

test('auto takes the CPU without CUDA and says why', () => {
  expect(listDeviceOptions(onLinux, 'auto', LINUX)).toEqual([
    {
      device: 'cpu',
      reason: 'auto: no CUDA, the CUDA provider of onnxruntime-node is not installed',
    },
  ]);
  expect(listDeviceOptions(onMac, 'auto', MAC)).toEqual([
    {
      device: 'cpu',
      reason: 'auto: no CUDA, onnxruntime-node has no such provider for darwin-arm64',
    },
  ]);
});

test('auto tries CUDA where it is installed, then the CPU', () => {
  const options = listDeviceOptions(onLinux, 'auto', GPU);
  expect(options.map((option) => option?.device)).toEqual(['cuda', 'cpu']);
});

test.each(['cpu', 'webgpu', 'cuda'] as const)('%s asked for by name comes alone', (device) => {
  expect(listDeviceOptions(onLinux, device, GPU)).toEqual([
    { device, reason: 'asked for by name' },
  ]);
});

test('CUDA that cannot work is refused with the remedy', () => {
  expect(() => listDeviceOptions(onLinux, 'cuda', LINUX)).toThrow(
    isError(
      'DEVICE_UNAVAILABLE',
      /^The device "cuda" is not available: the CUDA provider of onnxruntime-node is not installed\.$/,
      /nvidia-smi.*ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node.*device: 'cpu'/,
    ),
  );
  expect(() => listDeviceOptions(onMac, 'cuda', MAC)).toThrow(
    isError('DEVICE_UNAVAILABLE', /no such provider for darwin-arm64/, /Linux x64 only/),
  );
});

test('a device that nobody knows is refused with the legal ones', () => {
  const call = () => Reflect.apply(listDeviceOptions, undefined, [onLinux, 'tpu', LINUX]);
  expect(call).toThrow(isError('INVALID_ARGUMENT', /"tpu"/, /auto, cpu, cuda, webgpu/));
});

test('a failure of the driver keeps its cause', () => {
  const cause = new Error('no adapters');
  const error = createUnavailableError('webgpu', {
    obstacle: 'no adapters',
    machine: LINUX,
    cause,
  });
  expect(error).toMatchObject({ code: 'DEVICE_UNAVAILABLE', cause });
  expect(error.hint).toMatch(/Vulkan/);
});
