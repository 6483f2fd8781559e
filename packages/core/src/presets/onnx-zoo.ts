// onnx/models validated/vision/classification/alexnet, bvlcalexnet-3 … -12.onnx: Caffe's AlexNet after two conversions.
import { buildCaffeAlexNet } from './caffe-alexnet.ts';
import { exactResize, ones } from './preprocessing.ts';
import { IMAGENET_DEFAULTS, type Preset } from './preset.ts';

export const onnxZoo: Preset = {
  title: "Caffe's AlexNet as the ONNX Model Zoo has it: 224 pixels, pool5 padded",
  source: 'onnx/models bvlcalexnet-12.onnx',
  defaults: { ...IMAGENET_DEFAULTS, groups: 2 },
  published: [
    {
      top1: 54.8,
      top5: 78.23,
      on: 'ILSVRC-2012 validation, the whole picture',
      source: 'onnx/models bvlcalexnet-12.onnx',
    },
  ],
  // Caffe2 rounds down: [N, 3, 224, 224] → conv1 [N, 96, 54, 54] → pool1 26 → pool2 12. The pads of pool5 make
  // up for the rounding where 9216 features depend on it: 12 → [N, 256, 6, 6].
  build: (options) =>
    buildCaffeAlexNet('onnx-zoo', options, {
      pool: { kernel: 3, stride: 2 },
      pool5: { kernel: 3, stride: 2, pads: [0, 0, 1, 1] },
    }),
  // The one that its published accuracy was measured with: intel/neural-compressor
  // examples/onnxrt/image_recognition/onnx_model_zoo/alexnet, main.py (Pillow's resize is bicubic)
  preprocessing: ({ inputSize, channels }) => ({
    resize: { ...exactResize(inputSize), filter: 'bicubic' },
    crop: null,
    channels: channels === 1 ? 'grey' : 'BGR',
    scale: 1,
    mean: channels === 1 ? [117] : [103.939, 116.779, 123.68],
    std: ones(channels),
  }),
};
