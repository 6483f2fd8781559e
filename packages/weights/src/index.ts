export { channelMeans, readBinaryproto } from './caffe/blob.ts';
export type { CaffeLayer } from './caffe/caffe-layer.ts';
export type { CaffeNet } from './caffe/caffe-net.ts';
export type { ParameterSource } from './caffe/graph-draft.ts';
export type { CaffeTransform } from './caffe/network-input.ts';
export { parsePrototxt } from './caffe/parse-prototxt.ts';
export {
  type CaffemodelFile,
  describeCaffeNetwork,
  readCaffemodel,
} from './caffe/read-caffemodel.ts';
export {
  type CaffeGraphOptions,
  type CaffeNetwork,
  caffeToGraph,
  prototxtToGraph,
} from './caffe/to-graph.ts';
export { CATALOGUE, findPublishedWeights, getPublishedWeights } from './catalogue.ts';
export { isOnnxStart } from './detect/sniff-protobuf.ts';
export { examineWeights, type WeightExamination } from './doctor/examine-weights.ts';
export type { ColourOrder } from './doctor/first-filters.ts';
export type { FlattenEvidence } from './doctor/flatten-order.ts';
export type { TensorStatistics } from './doctor/tensor-statistics.ts';
export type { WeightCheck } from './doctor/weight-check.ts';
export type {
  DataFormat,
  KerasAttributes,
  KerasLayer,
  KerasNetwork,
} from './keras/keras-network.ts';
export {
  type KerasGraph,
  type KerasGraphOptions,
  type KerasRescaling,
  kerasToGraph,
} from './keras/keras-to-graph.ts';
export { parseKerasConfig } from './keras/parse-config.ts';
export { type KerasFile, type KerasOptions, readKeras } from './keras/read-keras.ts';
export { type KerasWeightsOptions, writeKerasWeights } from './keras/write-keras-weights.ts';
export { readNpz } from './numpy/read-npz.ts';
export { readNumpy } from './numpy/read-numpy.ts';
export { writeNpy } from './numpy/write-npy.ts';
export { writeNpz } from './numpy/write-npz.ts';
export { type NumpyDictForm, type NumpyLayer, writeNumpyDict } from './numpy/write-numpy-dict.ts';
export { EXPORT_FORMATS, type ExportFormat, exportWeights } from './place/export-weights.ts';
export type { ImportWeightsOptions } from './place/import-options.ts';
export {
  formatImportReport,
  type ImportReport,
  type PlacedParameter,
} from './place/import-report.ts';
export { type ImportedWeights, importWeights } from './place/import-weights.ts';
export { type MeanOptions, withMean, withMeanFile } from './place/mean-file.ts';
export {
  isSameRange,
  PIXEL_RANGES,
  type PixelRange,
  titleOfRange,
  withPixelRange,
} from './place/pixel-ranges.ts';
export { describePreprocessing } from './place/preprocessing.ts';
export type {
  Checksum,
  PublishedPreprocessing,
  PublishedWeights,
  Sourced,
} from './published-weights.ts';
export { readPytorch } from './pytorch/read-pytorch.ts';
export { writePytorch } from './pytorch/write-pytorch.ts';
export { type ReadWeightsOptions, readWeights } from './read-weights.ts';
export { readSafetensors } from './safetensors/read-safetensors.ts';
export { readTfCheckpoint } from './tensorflow/read-tf-checkpoint.ts';
export { TFJS_QUANTIZATIONS, type TfjsQuantization } from './tfjs/encode-weights.ts';
export { readTfjsLayers, type TfjsOptions } from './tfjs/read-tfjs-layers.ts';
export { registerResponseNormalization, type TfjsModule } from './tfjs/response-normalization.ts';
export { type TfjsFile, type TfjsWriteOptions, writeTfjsLayers } from './tfjs/write-tfjs-layers.ts';
export {
  type FileTensor,
  type LayoutConvention,
  WEIGHT_FORMATS,
  type WeightFile,
  type WeightFormat,
  type WeightSource,
  type WeightType,
} from './weight-file.ts';
