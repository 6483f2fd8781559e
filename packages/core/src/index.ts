export {
  type ChangedLayer,
  compareGraphs,
  compareWeights,
  type Difference,
  type GraphComparison,
  type WeightComparison,
} from './analysis/compare-graphs.ts';
export { type GraphSummary, type LayerSummary, summarize } from './analysis/count.ts';
export { inferReceptiveFields, type ReceptiveField } from './analysis/receptive-field.ts';
export { type RecognizedPreset, recognizePreset } from './analysis/recognize-preset.ts';
export {
  estimateTrainingMemory,
  type TrainingMemory,
  type TrainingMemoryOptions,
} from './analysis/training-memory.ts';
export { type Crc32, crc32 } from './crc32.ts';
export {
  type ErrorMessage,
  fromErrorMessage,
  messageOf,
  toErrorMessage,
} from './error-message.ts';
export {
  AlexNetError,
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  invariant,
  isAlexNetError,
  nameFile,
} from './errors.ts';
export { checkGraph, countClasses } from './graph/check-graph.ts';
export { formatNetwork } from './graph/format-network.ts';
export type { Graph, Node, NodeOf, OpName, Parameter } from './graph/graph.ts';
export { createGraphBuilder, type GraphBuilder } from './graph/graph-builder.ts';
export { inferShapes } from './graph/infer-shapes.ts';
export { parseGraph } from './graph/parse-graph.ts';
export { parseNetwork, parseNetworkGraph } from './graph/parse-network.ts';
export { runningStatistics } from './graph/running-statistics.ts';
export {
  INIT_SCHEMES,
  type InitializeOptions,
  type InitScheme,
  initializeWeights,
} from './initialize/initialize-weights.ts';
export type { Initializer } from './initialize/initializer.ts';
export { centreOffset, roundHalfToEven } from './model/centre-offset.ts';
export {
  createModel,
  createNetwork,
  initializeModel,
  type ModelOptions,
  type Network,
} from './model/create-model.ts';
export { checkLabels, MAX_LABEL_LENGTH, numberedLabels } from './model/labels.ts';
export {
  decodeMeanImage,
  encodeMeanImage,
  isMeanImage,
  reverseMean,
} from './model/mean-image.ts';
export type { Model, ModelMetadata, Provenance, TrainingColours } from './model/model.ts';
export {
  parseColours,
  parseMean,
  parseMetadata,
  parsePreprocessing,
  parseProvenance,
} from './model/parse-metadata.ts';
export {
  type Interpolation,
  type MeanImage,
  type Preprocessing,
  type Resize,
  resizedSides,
  type Sides,
} from './model/preprocessing.ts';
export { nearestName, suggestName } from './nearest-name.ts';
export { adaptiveWindow } from './ops/adaptive-average-pool.ts';
export { inferOverhang, type PoolAttributes } from './ops/pool.ts';
export type { WindowAttributes } from './ops/window.ts';
export { findPreset, isPresetId, PRESET_IDS, type PresetId, presets } from './presets/index.ts';
export type { Preset, PresetOptions, PublishedAccuracy } from './presets/preset.ts';
export { createRandom, type Random, type RandomKey, restoreRandom } from './random.ts';
export { type JsonReader, readJson } from './read-json.ts';
export { crossEntropy, softmax } from './softmax.ts';
export {
  createTensor,
  formatShape,
  isSameShape,
  type Shape,
  sizeOf,
  type Tensor,
  type Weights,
} from './tensor.ts';
