import { AlexNetError } from '@alexnet/core';
import { pythonRuntime } from './python-runtime.ts';
import type { ParityRuntime, Tolerance } from './runtime.ts';

/** OpenCV's DNN module, which reads the ONNX file. */
export function opencv(tolerance: Tolerance): ParityRuntime {
  return pythonRuntime({
    id: 'opencv',
    title: 'OpenCV',
    module: 'cv2',
    install: 'opencv-python-headless',
    script: 'opencv_runtime.py',
    tolerance,
    describe: ({ bytes, inputName, takesBytes }) => {
      if (takesBytes) throw noBytes();
      return { fields: { inputName }, files: { 'model.onnx': bytes } };
    },
  });
}

function noBytes(): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: 'OpenCV prepares pictures itself and gives networks floats; this file takes bytes.',
    hint: 'Export the model without --embed.',
  });
}
