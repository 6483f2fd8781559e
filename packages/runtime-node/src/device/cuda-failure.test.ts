import { describe, expect, test } from 'vitest';
import { explainCudaFailure } from './cuda-failure.ts';
import { inspectMachine, type Machine } from './machine.ts';

const call =
  '/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:121 std::conditional_t<THRW, void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const char*, ERRTYPE, const char*, const char*, int) [with ERRTYPE = cudaError; bool THRW = true; std::conditional_t<THRW, void, onnxruntime::common::Status> = void]';

const machineWithout = (...missing: readonly string[]): Machine => ({
  ...inspectMachine(),
  findsLibrary: (name) => !missing.includes(name),
});

// Messages as people have reported them; the issue of each is beside it.
describe('what onnxruntime says', () => {
  test.each([
    [
      // onnxruntime/mobius#316
      `${call} CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; hostname=c4327188c000000 ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; line=336 ; expr=cudaSetDevice(info_.device_id); `,
      /driver is too old for CUDA 12/,
      /525\.60\.13/,
    ],
    [
      // deepinsight/insightface#2524
      `${call} CUDA failure 100: no CUDA-capable device is detected ; GPU=32712 ; hostname=HOME-PC ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; line=245 ; expr=cudaSetDevice(info_.device_id);`,
      /no NVIDIA card that CUDA can see/,
      /nvidia-smi.*--gpus all.*CUDA_VISIBLE_DEVICES/,
    ],
    [
      // microsoft/onnxruntime#26322
      'CUDNN failure 1001: CUDNN_STATUS_NOT_INITIALIZED ; GPU=0 ; hostname=PC ; file=cuda_execution_provider.cc ; line=182 ; expr=cudnnCreate(&cudnn_handle_);',
      /cuDNN does not start/,
      /cuDNN 9 for CUDA 12/,
    ],
    [
      // microsoft/onnxruntime#23301
      "Non-zero status code returned while running Conv node. Name:'/features/features.0/Conv' Status Message: Failed to initialize CUDNN Frontend",
      /cuDNN does not start/,
      /cuDNN 9 for CUDA 12/,
    ],
    [
      // microsoft/onnxruntime#2386
      'CUBLAS failure 1: CUBLAS_STATUS_NOT_INITIALIZED ; GPU=0 ; hostname=atlas ; expr=cublasCreate(&cublas_handle_);',
      /cuBLAS does not start/,
      /CUDA 12/,
    ],
  ])('%s', (message, obstacle, remedy) => {
    expect(explainCudaFailure(new Error(message), machineWithout())).toEqual({
      obstacle: expect.stringMatching(obstacle),
      remedy: expect.stringMatching(remedy),
    });
  });

  test('nothing that is known', () => {
    expect(explainCudaFailure(new Error('a new kind of trouble'), machineWithout())).toBeNull();
  });
});

describe('libraries that the provider misses', () => {
  // What onnxruntime-node 1.30 throws; which library it is goes to its log alone (microsoft/onnxruntime#25609).
  const failure = new Error(
    'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
  );

  test.each([
    [['libcuda.so.1'], /driver, 525\.60\.13 or newer.*nvidia-smi/],
    [['libcudnn.so.9'], /cuDNN 9 for CUDA 12.*libcudnn9-cuda-12.*LD_LIBRARY_PATH/],
    [['libcublasLt.so.12', 'libcufft.so.11'], /libraries of CUDA 12.*LD_LIBRARY_PATH/],
  ])('%j', (missing, remedy) => {
    expect(explainCudaFailure(failure, machineWithout(...missing))).toEqual({
      obstacle: `the system does not find ${missing.join(', ')}`,
      remedy: expect.stringMatching(remedy),
    });
  });

  test('none: the provider itself is looked at', () => {
    expect(explainCudaFailure(failure, machineWithout())).toMatchObject({
      remedy: expect.stringMatching(/ldd .*libonnxruntime_providers_cuda\.so/),
    });
  });

  test('the loader of this system tells one that is there from one that is not', (context) => {
    if (process.platform !== 'linux') context.skip('CUDA is for Linux');
    const { findsLibrary } = inspectMachine();
    expect(findsLibrary('libm.so.6')).toBe(true);
    expect(findsLibrary('libcudnn.so.999')).toBe(false);
  });
});
