export { checkGraph, countClasses } from './check-graph.ts';
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
export { parseGraph } from './parse-graph.ts';
export { parseMetadata, parsePreprocessing, parseProvenance } from './parse-metadata.ts';
export type { Interpolation, Preprocessing, Resize } from './preprocessing.ts';
export { findPreset, isPresetId, PRESET_IDS, type PresetId, presets } from './presets/index.ts';
export type { Preset, PresetOptions } from './presets/preset.ts';
export { createRandom, type Random } from './random.ts';
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
