export type { TensorFlow, TensorFlowBackend } from './tensorflow.ts';
export { createTfjsEngine } from './tfjs-engine.ts';
export { createTfjsNetwork } from './tfjs-network.ts';
