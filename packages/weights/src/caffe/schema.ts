/**
 * How a field of a binary message becomes a {@link FieldValue}: the names of an enum, or the fields of a message.
 * Fields that are not listed are passed over.
 */
type Kind = 'integer' | 'float' | 'boolean' | 'text' | EnumNames | (() => Schema);

/** Names by number. */
export type EnumNames = ReadonlyMap<number, string>;

export type Schema = ReadonlyMap<number, readonly [name: string, kind: Kind]>;

// Numbers and names: src/caffe/proto/caffe.proto of github.com/BVLC/caffe, as far as they bear on inference.

const names = (list: readonly string[]): EnumNames => new Map(list.entries());

const phases = names(['TRAIN', 'TEST']);
export const POOL_METHODS = ['MAX', 'AVE', 'STOCHASTIC'] as const;
export const NORM_REGIONS = ['ACROSS_CHANNELS', 'WITHIN_CHANNEL'] as const;
export const ROUND_MODES = ['CEIL', 'FLOOR'] as const;

/** Layer types by their number in `V1LayerParameter`, as V2 calls them. */
export const V1_LAYER_TYPES: EnumNames = new Map([
  [1, 'Accuracy'],
  [2, 'BNLL'],
  [3, 'Concat'],
  [4, 'Convolution'],
  [5, 'Data'],
  [6, 'Dropout'],
  [7, 'EuclideanLoss'],
  [8, 'Flatten'],
  [9, 'HDF5Data'],
  [10, 'HDF5Output'],
  [11, 'Im2col'],
  [12, 'ImageData'],
  [13, 'InfogainLoss'],
  [14, 'InnerProduct'],
  [15, 'LRN'],
  [16, 'MultinomialLogisticLoss'],
  [17, 'Pooling'],
  [18, 'ReLU'],
  [19, 'Sigmoid'],
  [20, 'Softmax'],
  [21, 'SoftmaxWithLoss'],
  [22, 'Split'],
  [23, 'TanH'],
  [24, 'WindowData'],
  [25, 'Eltwise'],
  [26, 'Power'],
  [27, 'SigmoidCrossEntropyLoss'],
  [28, 'HingeLoss'],
  [29, 'MemoryData'],
  [30, 'ArgMax'],
  [31, 'Threshold'],
  [32, 'DummyData'],
  [33, 'Slice'],
  [34, 'MVN'],
  [35, 'AbsVal'],
  [36, 'Silence'],
  [37, 'ContrastiveLoss'],
  [38, 'Exp'],
  [39, 'Deconvolution'],
]);

const blobShape: Schema = new Map([[1, ['dim', 'integer']]]);

const filler: Schema = new Map([
  [1, ['type', 'text']],
  [2, ['value', 'float']],
  [3, ['min', 'float']],
  [4, ['max', 'float']],
  [5, ['mean', 'float']],
  [6, ['std', 'float']],
  [8, ['variance_norm', names(['FAN_IN', 'FAN_OUT', 'AVERAGE'])]],
]);

const stateRule: Schema = new Map([
  [1, ['phase', phases]],
  [2, ['min_level', 'integer']],
  [3, ['max_level', 'integer']],
  [4, ['stage', 'text']],
  [5, ['not_stage', 'text']],
]);

const transform: Schema = new Map([
  [1, ['scale', 'float']],
  [3, ['crop_size', 'integer']],
  [4, ['mean_file', 'text']],
  [5, ['mean_value', 'float']],
  [7, ['force_gray', 'boolean']],
]);

const convolution: Schema = new Map([
  [1, ['num_output', 'integer']],
  [2, ['bias_term', 'boolean']],
  [3, ['pad', 'integer']],
  [4, ['kernel_size', 'integer']],
  [5, ['group', 'integer']],
  [6, ['stride', 'integer']],
  [7, ['weight_filler', () => filler]],
  [8, ['bias_filler', () => filler]],
  [9, ['pad_h', 'integer']],
  [10, ['pad_w', 'integer']],
  [11, ['kernel_h', 'integer']],
  [12, ['kernel_w', 'integer']],
  [13, ['stride_h', 'integer']],
  [14, ['stride_w', 'integer']],
  [16, ['axis', 'integer']],
  [18, ['dilation', 'integer']],
]);

const innerProduct: Schema = new Map([
  [1, ['num_output', 'integer']],
  [2, ['bias_term', 'boolean']],
  [3, ['weight_filler', () => filler]],
  [4, ['bias_filler', () => filler]],
  [5, ['axis', 'integer']],
  [6, ['transpose', 'boolean']],
]);

const pooling: Schema = new Map([
  [1, ['pool', names(POOL_METHODS)]],
  [2, ['kernel_size', 'integer']],
  [3, ['stride', 'integer']],
  [4, ['pad', 'integer']],
  [5, ['kernel_h', 'integer']],
  [6, ['kernel_w', 'integer']],
  [7, ['stride_h', 'integer']],
  [8, ['stride_w', 'integer']],
  [9, ['pad_h', 'integer']],
  [10, ['pad_w', 'integer']],
  [12, ['global_pooling', 'boolean']],
  [13, ['round_mode', names(ROUND_MODES)]],
]);

const lrn: Schema = new Map([
  [1, ['local_size', 'integer']],
  [2, ['alpha', 'float']],
  [3, ['beta', 'float']],
  [4, ['norm_region', names(NORM_REGIONS)]],
  [5, ['k', 'float']],
]);

const dropout: Schema = new Map([[1, ['dropout_ratio', 'float']]]);
const relu: Schema = new Map([[1, ['negative_slope', 'float']]]);
const softmax: Schema = new Map([[2, ['axis', 'integer']]]);
const dummyData: Schema = new Map([
  [3, ['channels', 'integer']],
  [4, ['height', 'integer']],
  [5, ['width', 'integer']],
  [6, ['shape', () => blobShape]],
]);
const memoryData: Schema = new Map([
  [2, ['channels', 'integer']],
  [3, ['height', 'integer']],
  [4, ['width', 'integer']],
]);
/** Where data layers had the crop before there was `transform_param`. */
const data: Schema = new Map([[5, ['crop_size', 'integer']]]);
const flatten: Schema = new Map([
  [1, ['axis', 'integer']],
  [2, ['end_axis', 'integer']],
]);
const batchNorm: Schema = new Map([
  [1, ['use_global_stats', 'boolean']],
  [2, ['moving_average_fraction', 'float']],
  [3, ['eps', 'float']],
]);
const scale: Schema = new Map([
  [1, ['axis', 'integer']],
  [2, ['num_axes', 'integer']],
  [4, ['bias_term', 'boolean']],
]);
const input: Schema = new Map([[1, ['shape', () => blobShape]]]);

/** `LayerParameter` */
export const LAYER: Schema = new Map([
  [1, ['name', 'text']],
  [2, ['type', 'text']],
  [3, ['bottom', 'text']],
  [4, ['top', 'text']],
  [8, ['include', () => stateRule]],
  [9, ['exclude', () => stateRule]],
  [100, ['transform_param', () => transform]],
  [106, ['convolution_param', () => convolution]],
  [108, ['dropout_param', () => dropout]],
  [109, ['dummy_data_param', () => dummyData]],
  [117, ['inner_product_param', () => innerProduct]],
  [118, ['lrn_param', () => lrn]],
  [119, ['memory_data_param', () => memoryData]],
  [121, ['pooling_param', () => pooling]],
  [123, ['relu_param', () => relu]],
  [125, ['softmax_param', () => softmax]],
  [135, ['flatten_param', () => flatten]],
  [139, ['batch_norm_param', () => batchNorm]],
  [142, ['scale_param', () => scale]],
  [143, ['input_param', () => input]],
]);

/** `V0LayerParameter` */
const v0Layer: Schema = new Map([
  [1, ['name', 'text']],
  [2, ['type', 'text']],
  [3, ['num_output', 'integer']],
  [4, ['biasterm', 'boolean']],
  [5, ['weight_filler', () => filler]],
  [6, ['bias_filler', () => filler]],
  [7, ['pad', 'integer']],
  [8, ['kernelsize', 'integer']],
  [9, ['group', 'integer']],
  [10, ['stride', 'integer']],
  [11, ['pool', names(POOL_METHODS)]],
  [12, ['dropout_ratio', 'float']],
  [13, ['local_size', 'integer']],
  [14, ['alpha', 'float']],
  [15, ['beta', 'float']],
  [17, ['scale', 'float']],
  [18, ['meanfile', 'text']],
  [20, ['cropsize', 'integer']],
  [22, ['k', 'float']],
]);

/** `V1LayerParameter`; its `layer` is V0's. */
export const V1_LAYER: Schema = new Map([
  [1, ['layer', () => v0Layer]],
  [2, ['bottom', 'text']],
  [3, ['top', 'text']],
  [4, ['name', 'text']],
  [5, ['type', 'integer']],
  [10, ['convolution_param', () => convolution]],
  [11, ['data_param', () => data]],
  [12, ['dropout_param', () => dropout]],
  [15, ['image_data_param', () => data]],
  [17, ['inner_product_param', () => innerProduct]],
  [18, ['lrn_param', () => lrn]],
  [19, ['pooling_param', () => pooling]],
  [20, ['window_data_param', () => data]],
  [22, ['memory_data_param', () => memoryData]],
  [26, ['dummy_data_param', () => dummyData]],
  [30, ['relu_param', () => relu]],
  [32, ['include', () => stateRule]],
  [33, ['exclude', () => stateRule]],
  [36, ['transform_param', () => transform]],
  [39, ['softmax_param', () => softmax]],
]);

/** `NetParameter` without its layers. */
export const NET: Schema = new Map([
  [1, ['name', 'text']],
  [3, ['input', 'text']],
  [4, ['input_dim', 'integer']],
  [8, ['input_shape', () => blobShape]],
]);

/** Fields of `NetParameter` and of layers that hold what is read apart. */
export const NET_FIELDS = { v1Layers: 2, layer: 100 } as const;
export const BLOB_FIELDS = { v0Layer: 50, v1Layer: 6, layer: 7 } as const;
export const V0_LAYER_FIELD = 1;
