import { RESPONSE_NORMALIZATION } from '../tfjs/response-normalization.ts';

/** Layers of Keras 1, 2 and 3 that an AlexNet may have, and ours: kerasToGraph translates them. */
const ALEXNET_LAYERS = [
  'InputLayer',
  'Conv2D',
  'Convolution2D',
  'Dense',
  'Activation',
  'ReLU',
  'Softmax',
  'MaxPooling2D',
  'MaxPool2D',
  'AveragePooling2D',
  'AvgPool2D',
  'GlobalAveragePooling2D',
  'GlobalAvgPool2D',
  'GlobalMaxPooling2D',
  'GlobalMaxPool2D',
  'BatchNormalization',
  'BatchNormalizationV1',
  'BatchNormalizationV2',
  'SyncBatchNormalization',
  'Dropout',
  'SpatialDropout2D',
  'AlphaDropout',
  'GaussianDropout',
  'GaussianNoise',
  'ActivityRegularization',
  'Flatten',
  'Reshape',
  'ZeroPadding2D',
  'Rescaling',
  'RandomFlip',
  'RandomRotation',
  'RandomZoom',
  'RandomContrast',
  'RandomBrightness',
  'RandomTranslation',
  'Identity',
  'TFOpLambda',
  'Cropping2D',
  'Concatenate',
  RESPONSE_NORMALIZATION,
] as const;

/**
 * Other layers that are known by name: they are data here, and a network with such a one cannot be written as a graph.
 */
const OTHER_LAYERS = [
  'Add',
  'Average',
  'Conv1D',
  'Conv2DTranspose',
  'Conv3D',
  'CenterCrop',
  'DepthwiseConv2D',
  'Dot',
  'ELU',
  'Embedding',
  'GRU',
  'GroupNormalization',
  'LSTM',
  'LayerNormalization',
  'LeakyReLU',
  'Masking',
  'Maximum',
  'Minimum',
  'MultiHeadAttention',
  'Multiply',
  'Normalization',
  'PReLU',
  'Permute',
  'RandomCrop',
  'RepeatVector',
  'Resizing',
  'SeparableConv2D',
  'SeparableConvolution2D',
  'Subtract',
  'ThresholdedReLU',
  'UnitNormalization',
  'UpSampling2D',
] as const;

/** Models, which may stand inside a model. */
const MODELS = ['Sequential', 'Functional', 'Model'] as const;

/** All classes that a description may name. */
export const KERAS_LAYERS: ReadonlySet<string> = new Set([
  ...ALEXNET_LAYERS,
  ...OTHER_LAYERS,
  ...MODELS,
]);

/** Classes whose attributes are read. */
export const DESCRIBED_LAYERS: ReadonlySet<string> = new Set(ALEXNET_LAYERS);

/** Names of Keras 1, and second names, for layers that have another one now. */
export const SECOND_NAMES: ReadonlyMap<string, string> = new Map([
  ['Convolution2D', 'Conv2D'],
  ['MaxPool2D', 'MaxPooling2D'],
  ['AvgPool2D', 'AveragePooling2D'],
  ['GlobalAvgPool2D', 'GlobalAveragePooling2D'],
  ['GlobalMaxPool2D', 'GlobalMaxPooling2D'],
  ['BatchNormalizationV1', 'BatchNormalization'],
  ['BatchNormalizationV2', 'BatchNormalization'],
  ['SyncBatchNormalization', 'BatchNormalization'],
  ['Model', 'Functional'],
]);

/** The one function of TensorFlow's that is known by name, of those that Keras 2 keeps as "TFOpLambda". */
export const KNOWN_FUNCTION = 'nn.local_response_normalization';
