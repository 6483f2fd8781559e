import { AlexNetError, suggestName } from '@alexnet/core';
import { ONNX_ZOO_WEIGHTS } from './onnx-zoo-weights.ts';
import type { PublishedWeights } from './published-weights.ts';

const ONE_CROP = 'ILSVRC-2012 validation, one centre crop';
const CAFFE_MODELS = 'BVLC/caffe models';

/** torchvision's, of the one-weird-trick network. */
const torchvision: PublishedWeights = {
  id: 'torchvision',
  aliases: ['pytorch'],
  title: "torchvision's AlexNet, AlexNet_Weights.IMAGENET1K_V1",
  fileName: 'alexnet-owt-7be5be79.pth',
  addresses: [
    {
      value: 'https://download.pytorch.org/models/alexnet-owt-7be5be79.pth',
      source: 'pytorch/vision torchvision/models/alexnet.py',
    },
  ],
  sizeBytes: {
    value: 244_408_911,
    source:
      'Content-Length of the address, as several who fetched it recorded; "_file_size": 233.087 in pytorch/vision torchvision/models/alexnet.py agrees',
  },
  checksums: [
    {
      algorithm: 'sha256',
      value: '7be5be79',
      by: 'publisher',
      source: 'the name of the file; torch.hub checks it',
    },
    {
      algorithm: 'sha256',
      value: '7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02',
      by: 'others',
      source: 'several public projects that pin the file, all alike',
    },
  ],
  licence: {
    value: 'BSD-3-Clause for the code',
    source: 'pytorch/vision LICENSE and README.md, "Pre-trained Model License"',
  },
  format: 'pytorch',
  preset: 'torchvision',
  preprocessing: 'torchvision',
  accuracy: [
    {
      top1: 56.522,
      top5: 79.066,
      on: ONE_CROP,
      source: 'pytorch/vision torchvision/models/alexnet.py',
    },
  ],
  notes: [
    'Of its weights torchvision says that they "may have their own licenses or terms and conditions derived from the dataset used for training": that is ImageNet.',
    'Before 2021 the same weights were alexnet-owt-4df8aa71.pth, in the older format (pytorch/vision #3620); that file can be imported as well.',
  ],
  unconfirmed: [],
};

/** Caffe's replication of the paper, and where most other AlexNet files come from. */
const bvlcAlexNet: PublishedWeights = {
  id: 'bvlc-alexnet',
  aliases: ['caffe-alexnet'],
  title: "Caffe's AlexNet (BVLC), iteration 360,000",
  fileName: 'bvlc_alexnet.caffemodel',
  addresses: [
    {
      value: 'http://dl.caffe.berkeleyvision.org/bvlc_alexnet.caffemodel',
      source: `${CAFFE_MODELS}/bvlc_alexnet/readme.md`,
    },
  ],
  sizeBytes: {
    value: 243_862_414,
    source: 'openvinotoolkit/open_model_zoo models/public/alexnet/model.yml',
  },
  checksums: [
    {
      algorithm: 'sha1',
      value: '9116a64c0fbe4459d18f4bb6b56d647b63920377',
      by: 'publisher',
      source: `${CAFFE_MODELS}/bvlc_alexnet/readme.md`,
    },
    {
      algorithm: 'sha256',
      value: '4bff209a9837298157915ef50a4831a59636a6ca1a6b8ebacd990c3a5f3053e0',
      by: 'others',
      source: 'openvinotoolkit/open_model_zoo models/public/alexnet/model.yml',
    },
  ],
  licence: {
    value: 'unrestricted use',
    source: `${CAFFE_MODELS}/bvlc_alexnet/readme.md; older versions of it said non-commercial`,
  },
  format: 'caffemodel',
  preset: 'caffe-alexnet',
  preprocessing: 'caffe',
  accuracy: [
    {
      top1: 57.1,
      top5: 80.2,
      on: ONE_CROP,
      source: `${CAFFE_MODELS}/bvlc_alexnet/readme.md`,
    },
  ],
  notes: ['The server is often down (BVLC/caffe #6430, #6864): try again, or use a mirror.'],
  unconfirmed: [],
};

/** Caffe's other one, which pools before it normalises. */
const bvlcCaffeNet: PublishedWeights = {
  id: 'bvlc-caffenet',
  aliases: ['caffenet', 'bvlc-reference-caffenet'],
  title: "Caffe's reference network, CaffeNet (BVLC), iteration 310,000",
  fileName: 'bvlc_reference_caffenet.caffemodel',
  addresses: [
    {
      value: 'http://dl.caffe.berkeleyvision.org/bvlc_reference_caffenet.caffemodel',
      source: `${CAFFE_MODELS}/bvlc_reference_caffenet/readme.md`,
    },
  ],
  sizeBytes: {
    value: 243_862_418,
    source: 'openvinotoolkit/open_model_zoo models/public/caffenet/model.yml',
  },
  checksums: [
    {
      algorithm: 'sha1',
      value: '4c8d77deb20ea792f84eb5e6d0a11ca0a8660a46',
      by: 'publisher',
      source: `${CAFFE_MODELS}/bvlc_reference_caffenet/readme.md`,
    },
    {
      algorithm: 'sha256',
      value: '472d4a06035497b180636d8a82667129960371375bd10fcb6df5c6c7631f25e0',
      by: 'others',
      source: 'openvinotoolkit/open_model_zoo models/public/caffenet/model.yml',
    },
  ],
  licence: {
    value: 'unrestricted use',
    source: `${CAFFE_MODELS}/bvlc_reference_caffenet/readme.md; older versions of it said non-commercial`,
  },
  format: 'caffemodel',
  preset: 'caffenet',
  preprocessing: 'caffe',
  accuracy: [
    {
      top1: 57.4,
      top5: 80.4,
      on: ONE_CROP,
      source: `${CAFFE_MODELS}/bvlc_reference_caffenet/readme.md`,
    },
  ],
  notes: ['The server is often down (BVLC/caffe #6430, #6864): try again, or use a mirror.'],
  unconfirmed: [],
};

/** The same numbers as `bvlc-alexnet`, for TensorFlow. */
const bvlcAlexNetNpy: PublishedWeights = {
  id: 'bvlc-alexnet-npy',
  aliases: ['npy'],
  title: "Caffe's AlexNet as a numpy file, by caffe-tensorflow",
  fileName: 'bvlc_alexnet.npy',
  addresses: [
    {
      value: 'https://www.cs.toronto.edu/~guerzhoy/tf_alexnet/bvlc_alexnet.npy',
      source: 'guerzh/tf_weights README.md, which has it with http',
    },
  ],
  sizeBytes: {
    value: 243_861_814,
    source: 'public code that checks the size after fetching the address',
  },
  checksums: [
    {
      algorithm: 'sha256',
      value: '1294ef51496c52f2e4879ee3b5e1da22c35d61f3240937491b4469403d5428cc',
      by: 'others',
      source: 'a published reproduction of neccam/nslt that pins the address',
    },
  ],
  licence: {
    value: 'not stated',
    source: 'guerzh/tf_weights README.md, by which it is made from bvlc-alexnet',
  },
  format: 'numpy-dict',
  preset: 'caffe-alexnet',
  preprocessing: 'bvlc-npy',
  accuracy: [],
  notes: [
    "The numbers are those of bvlc-alexnet, so 57.1 / 80.2 % where network and preprocessing are Caffe's. The scripts that people use it with have others, and get less: 30 % is reported for guerzh/tf_weights (its #3), 50 % for kratzert/finetune_alexnet_with_tensorflow (its #50).",
    'For the network of guerzh/tf_weights itself, import it with --preset guerzhoy.',
  ],
  unconfirmed: ['the sha256 (one source; the publisher gives no checksum)', 'the licence'],
};

/** The weights that people publish, the most used first. */
export const CATALOGUE: readonly PublishedWeights[] = [
  torchvision,
  bvlcAlexNet,
  bvlcCaffeNet,
  bvlcAlexNetNpy,
  ...ONNX_ZOO_WEIGHTS,
];

/**
 * The published weights that a name stands for: an id, an alias or the name of the file.
 *
 * @returns null if there are none
 */
export function findPublishedWeights(name: string): PublishedWeights | null {
  const wanted = name.toLowerCase();
  return (
    CATALOGUE.find(
      ({ id, aliases, fileName }) =>
        id === wanted || aliases.includes(wanted) || fileName.toLowerCase() === wanted,
    ) ?? null
  );
}

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` with the nearest id */
export function getPublishedWeights(name: string): PublishedWeights {
  const found = findPublishedWeights(name);
  if (found) return found;
  const ids = CATALOGUE.map(({ id }) => id);
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `No published weights are called "${name}".${suggestName(name, ids)}`,
    hint: `There are: ${ids.join(', ')}.`,
  });
}
