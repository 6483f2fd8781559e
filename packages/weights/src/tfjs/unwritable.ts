import { AlexNetError } from '@alexnet/core';

/** @param what - a clause: `is a normalisation within a map` */
export function unwritable(
  name: string,
  what: string,
  hint = 'Write an ONNX file, which onnxruntime-web runs in pages as it is.',
): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `${name} ${what}: TensorFlow.js has no layer for that.`,
    hint,
    path: [name],
  });
}
