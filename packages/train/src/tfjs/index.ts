export type { TensorFlow, TensorFlowBackend } from './tensorflow.ts';
export { createTfjsEngine } from './tfjs-engine.ts';
export { createTfjsNetwork, type TfjsNetwork } from './tfjs-network.ts';
