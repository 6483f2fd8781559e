import { chromium } from './chromium.ts';
import { interpreter } from './interpreter.ts';
import { onnxruntimeNode } from './onnxruntime-node.ts';
import { opencv } from './opencv.ts';
import { pytorch } from './pytorch.ts';
import type { ParityRuntime, Tolerance } from './runtime.ts';
import { tfjs } from './tfjs.ts';

/** Measured over the presets, noise and photographs alike: 0.9e-6 onnxruntime, 2.5e-6 OpenCV, 1.3e-6 PyTorch, 8.1e-6 TensorFlow (behind tflearn's tanh; 1.9e-6 elsewhere). */
const FLOAT32: Tolerance = {
  share: 1e-5,
  reason: 'float32, whose sums round 1e-7 at a time, in whatever order they are taken',
};

/** Measured on SwiftShader, at most: 3.5e-6 in Chromium, 1.1e-6 in Node. */
const GRAPHICS: Tolerance = {
  share: 1e-4,
  reason: 'graphics drivers may divide and raise to powers with a few bits less than float32 has',
};

/** Not measured. */
const TENSOR_CORES: Tolerance = {
  share: 5e-3,
  reason: 'CUDA multiplies in TF32, which keeps 11 bits of each factor, where the card has it',
};

/** Every runtime that is known, in the order of the table; all are held against the first. */
export const PARITY_RUNTIMES: readonly [ParityRuntime, ...ParityRuntime[]] = [
  interpreter,
  onnxruntimeNode('cpu', FLOAT32),
  onnxruntimeNode('cuda', TENSOR_CORES),
  onnxruntimeNode('webgpu', GRAPHICS),
  chromium('wasm', FLOAT32),
  chromium('webgpu', GRAPHICS),
  tfjs('cpu', FLOAT32),
  tfjs('cuda', TENSOR_CORES),
  opencv(FLOAT32),
  pytorch(FLOAT32),
];
