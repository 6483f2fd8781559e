export { createOrtEngine, type OrtEngineOptions, type OrtModule } from './ort-engine.ts';
