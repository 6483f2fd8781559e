import { messageOf } from '@alexnet/core';
import type { Machine } from './machine.ts';

/** Why CUDA does not work, and what helps. */
export interface Explanation {
  readonly obstacle: string;
  readonly remedy: string;
}

const DRIVER_REMEDY =
  'Install the NVIDIA driver, 525.60.13 or newer, and check with nvidia-smi; a container wants --gpus all.';
const TOOLKIT_REMEDY =
  'Install the libraries of CUDA 12 (not 11, not 13), on Debian and Ubuntu from NVIDIA: apt-get install cuda-libraries-12-8';
const CUDNN_REMEDY =
  'Install cuDNN 9 for CUDA 12, on Debian and Ubuntu from NVIDIA: apt-get install libcudnn9-cuda-12';
const PATH_REMEDY =
  'If it is installed, name its folder: export LD_LIBRARY_PATH=/usr/local/cuda-12/lib64';

/**
 * What onnxruntime's CUDA provider is linked with, and what brings it. onnxruntime says which of them is missing to
 * its log alone.
 *
 * @see https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#requirements
 */
const LIBRARIES: readonly (readonly [name: string, remedy: string])[] = [
  ['libcuda.so.1', DRIVER_REMEDY],
  ['libcudart.so.12', `${TOOLKIT_REMEDY}. ${PATH_REMEDY}.`],
  ['libcublasLt.so.12', `${TOOLKIT_REMEDY}. ${PATH_REMEDY}.`],
  ['libcublas.so.12', `${TOOLKIT_REMEDY}. ${PATH_REMEDY}.`],
  ['libcufft.so.11', `${TOOLKIT_REMEDY}. ${PATH_REMEDY}.`],
  ['libcurand.so.10', `${TOOLKIT_REMEDY}. ${PATH_REMEDY}.`],
  ['libcudnn.so.9', `${CUDNN_REMEDY}. ${PATH_REMEDY}.`],
];

/**
 * What onnxruntime and CUDA say when something is in the way; numbers are those of `cudaError_t`.
 *
 * @see https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html
 */
const FAILURES: readonly (Explanation & { readonly pattern: RegExp })[] = [
  {
    pattern: /CUDA failure 35\b|driver version is insufficient/,
    obstacle: 'the NVIDIA driver is too old for CUDA 12',
    remedy: 'Install driver 525.60.13 or newer; nvidia-smi shows the version in use.',
  },
  {
    pattern: /CUDA failure 100\b|no CUDA-capable device/,
    obstacle: 'there is no NVIDIA card that CUDA can see',
    remedy:
      'Check with nvidia-smi. A container wants --gpus all, and CUDA_VISIBLE_DEVICES must name a card.',
  },
  {
    pattern: /CUDA failure (?:98|209)\b|no kernel image|invalid device function/,
    obstacle: 'the NVIDIA card is of a generation that onnxruntime was not built for',
    remedy: 'Use another card.',
  },
  {
    pattern:
      /CUDA failure (?:3|999|802|803|804)\b|forward compatibility|system not yet initialized/,
    obstacle: 'the NVIDIA driver does not start',
    remedy: 'After an update of the driver, restart the machine; then check with nvidia-smi.',
  },
  {
    pattern: /CUDA failure 2\b|out of memory|Failed to allocate memory/,
    obstacle: "the card's memory is full",
    remedy: 'End what else runs on it (nvidia-smi lists it), or use a smaller batchSize.',
  },
  {
    pattern: /CUDNN failure|CUDNN_STATUS|CUDNN Frontend/i,
    obstacle: 'cuDNN does not start',
    remedy: `It has to be cuDNN 9 for CUDA 12, of one version throughout, and the card needs free memory. ${CUDNN_REMEDY}.`,
  },
  {
    pattern: /CUBLAS failure|CUBLAS_STATUS/,
    obstacle: 'cuBLAS does not start',
    remedy: `It has to be that of CUDA 12, and the card needs free memory. ${TOOLKIT_REMEDY}.`,
  },
];

/**
 * Explains what onnxruntime threw on CUDA.
 *
 * @returns `null` for what is not known
 */
export function explainCudaFailure(failure: unknown, machine: Machine): Explanation | null {
  const message = messageOf(failure);
  const known = FAILURES.find(({ pattern }) => pattern.test(message));
  if (known) return { obstacle: known.obstacle, remedy: known.remedy };
  return /Failed to load (?:shared )?library/.test(message) ? explainLoading(machine) : null;
}

function explainLoading(machine: Machine): Explanation {
  const missing = LIBRARIES.filter(([name]) => !machine.findsLibrary(name));
  if (missing.length === 0) {
    return {
      obstacle: "onnxruntime's CUDA provider does not load, although CUDA's libraries are there",
      remedy: `See what it misses: ldd $(npm root)/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so`,
    };
  }
  const names = missing.map(([name]) => name);
  return {
    obstacle: `the system does not find ${names.join(', ')}`,
    remedy: [...new Set(missing.map(([, remedy]) => remedy))].join(' '),
  };
}
