export { probeBlockedChannels } from './blocked-channels.ts';
export { createOrtEngine, type OrtEngineOptions } from './ort-engine.ts';
export { createOrtExtractor, type OrtExtractorOptions } from './ort-extractor.ts';
export type { OrtModule } from './ort-module.ts';
