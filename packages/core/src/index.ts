export { checkGraph, countClasses } from './check-graph.ts';
export {
  type ChangedLayer,
  compareGraphs,
  compareWeights,
  type Difference,
  type GraphComparison,
  type WeightComparison,
} from './compare-graphs.ts';
export { type GraphSummary, type LayerSummary, summarize } from './count.ts';
export {
  createModel,
  createNetwork,
  initializeModel,
  type ModelOptions,
  type Network,
} from './create-model.ts';
export {
  AlexNetError,
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  invariant,
  isAlexNetError,
  nameFile,
} from './errors.ts';
export { formatNetwork } from './format-network.ts';
export type { Graph, Node, NodeOf, OpName, Parameter } from './graph.ts';
export { createGraphBuilder, type GraphBuilder } from './graph-builder.ts';
export { inferShapes } from './infer-shapes.ts';
export {
  INIT_SCHEMES,
  type InitializeOptions,
  type InitScheme,
  initializeWeights,
} from './initialize-weights.ts';
export type { Initializer } from './initializer.ts';
export { checkLabels, MAX_LABEL_LENGTH, numberedLabels } from './labels.ts';
export type { Model, ModelMetadata, Provenance } from './model.ts';
export { nearestName, suggestName } from './nearest-name.ts';
export { adaptiveWindow } from './ops/adaptive-average-pool.ts';
export { inferOverhang, type PoolAttributes } from './ops/pool.ts';
export type { WindowAttributes } from './ops/window.ts';
export { parseGraph } from './parse-graph.ts';
export { parseMetadata, parsePreprocessing, parseProvenance } from './parse-metadata.ts';
export { parseNetwork, parseNetworkGraph } from './parse-network.ts';
export type { Interpolation, Preprocessing, Resize } from './preprocessing.ts';
export { findPreset, isPresetId, PRESET_IDS, type PresetId, presets } from './presets/index.ts';
export type { Preset, PresetOptions, PublishedAccuracy } from './presets/preset.ts';
export { createRandom, type Random } from './random.ts';
export { type JsonReader, type NumberRange, readJson } from './read-json.ts';
export { inferReceptiveFields, type ReceptiveField } from './receptive-field.ts';
export { type RecognizedPreset, recognizePreset } from './recognize-preset.ts';
export { runningStatistics } from './running-statistics.ts';
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
export {
  estimateTrainingMemory,
  type TrainingMemory,
  type TrainingMemoryOptions,
} from './training-memory.ts';
