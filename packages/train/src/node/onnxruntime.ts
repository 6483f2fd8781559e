import { AlexNetError } from '@alexnet/core';
import type { OrtModule } from '../ort/index.ts';

/** The one place of this package that loads onnxruntime-node. */
export async function loadOnnxRuntime(): Promise<OrtModule> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: 'onnxruntime-node, which training runs on, cannot be loaded.',
      hint: 'Install it with: npm install onnxruntime-node',
      cause,
    });
  }
}
