import type { ClassifierInfo } from '@alexnet/runtime';

const NAMES: Readonly<Record<string, string>> = { wasm: 'WASM', webgpu: 'WebGPU' };

/** `WASM, 4 threads`; the threads of WebGPU say nothing. */
export function nameDevice({ device, threads }: ClassifierInfo): string {
  const name = NAMES[device] ?? device;
  if (threads === undefined || device !== 'wasm') return name;
  return `${name}, ${threads} thread${threads === 1 ? '' : 's'}`;
}
