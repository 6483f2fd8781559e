import type * as Ort from 'onnxruntime-common';

/** onnxruntime-node or onnxruntime-web: both are what onnxruntime-common describes. */
export type OrtModule = Pick<typeof Ort, 'InferenceSession' | 'Tensor' | 'env'>;
