import { AlexNetError } from '@alexnet/core';
import type { OrtModule } from '../ort/index.ts';

/** The one place of this package that loads onnxruntime-node. */
export async function loadOnnxRuntime(): Promise<OrtModule> {
  try {
    const ort = await import('onnxruntime-node');
    // Read when the first session is made; a level that the caller set stays. What matters is thrown as well.
    if ((ort.env.logLevel ?? 'warning') === 'warning') ort.env.logLevel = 'fatal';
    return ort;
  } catch (cause) {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: 'onnxruntime-node, which training runs on, cannot be loaded.',
      hint: 'Install it with: npm install onnxruntime-node',
      cause,
    });
  }
}
