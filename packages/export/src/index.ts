export type { About } from './about.ts';
export { appendOutputs } from './append-outputs.ts';
export { appendTypedOutputs } from './append-typed-outputs.ts';
export type { Attribute } from './attribute.ts';
export {
  type BuildOptions,
  createOnnxBuilder,
  DEFAULT_IR_VERSION,
  DEFAULT_OPSET,
  type OnnxBuilder,
  type OpOptions,
  type Value,
} from './builder.ts';
export type { Embedding } from './embed/add-preprocessing.ts';
export { endsInSoftmax } from './ends-in-softmax.ts';
export type { ExportOptions } from './export-options.ts';
export { listExternalFiles } from './external/external-files.ts';
export type { ExternalFile } from './external/file-list.ts';
export type { ConvGeometry } from './fourier/conv-geometry.ts';
export { type FourierPlan, isFourierQuicker, planFourier } from './fourier/fourier-plan.ts';
export {
  addFourierPoints,
  type FourierPoints,
  type FourierSide,
  fromPoints,
  toPoints,
  weightsAtPoints,
} from './fourier/fourier-points.ts';
export type { OutputKind } from './graph-ends.ts';
export { castToHalves, toHalves, widenHalves } from './half.ts';
export type { FloatType } from './half-precision.ts';
export type { ExternalFiles } from './import/initializer.ts';
export { type ImportedModel, type ImportOptions, importOnnx } from './import-onnx.ts';
export {
  type ComputeType,
  keepsWeightsSmall,
  type Precision,
  type WeightType,
} from './precision.ts';
export type { ByteSource } from './proto/byte-source.ts';
export {
  type DecodeOptions,
  decodeModel,
  encodeModel,
  encodeModelParts,
  MAX_MODEL_BYTES,
} from './proto/codec.ts';
export { describeForeignFile, type ForeignFile } from './proto/foreign-file.ts';
export {
  type AttributeProto,
  AttributeType,
  DataLocation,
  DataType,
  type DimensionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type OperatorSetIdProto,
  type SequenceTypeProto,
  type StringStringEntryProto,
  type TensorProto,
  type TensorShapeProto,
  type TensorTypeProto,
  type TypeProto,
  type ValueInfoProto,
} from './proto/messages.ts';
export type { OnnxArrays, OnnxTensor, OnnxType } from './proto/tensor-proto.ts';
export type { Range, Ranges } from './quantize/range.ts';
export {
  CALIBRATION_METHODS,
  type CalibrationMethod,
  createRangeCollector,
  type RangeCollector,
} from './quantize/range-collector.ts';
export {
  type ModelFacts,
  type OnnxMetadata,
  readModelFacts,
  readOnnxMetadata,
  scanOnnxMetadata,
} from './read-onnx-metadata.ts';
export { exportOnnx, listRangedValues, toOnnx } from './to-onnx.ts';
export type { ValueDescription } from './value-description.ts';
export type { Dimension } from './value-info.ts';
