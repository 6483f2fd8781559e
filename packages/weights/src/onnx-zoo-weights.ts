// onnx/models validated/vision/classification/alexnet: Caffe's AlexNet → Caffe2 → ONNX, once for each opset.
import type { PublishedAccuracy } from '@alexnet/core';
import type { PublishedWeights } from './published-weights.ts';

const FOLDER = 'validated/vision/classification/alexnet';
const README = `onnx/models ${FOLDER}/README.md`;
const MANIFEST = 'onnx/models ONNX_HUB_MANIFEST.json';
const WHOLE_PICTURE = 'ILSVRC-2012 validation, the whole picture';

interface ZooFile {
  /** Behind `bvlcalexnet-`. */
  readonly variant: string;
  readonly opset: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** In per cent: [top-1, top-5]. */
  readonly accuracy?: readonly [number, number];
}

const FILES: readonly ZooFile[] = [
  {
    variant: '12',
    opset: 12,
    sizeBytes: 243_863_787,
    sha256: '6b0da9510f27f234ee96a85dc3809dd210150fdefad87f6850f9788513216945',
    accuracy: [54.8, 78.23],
  },
  {
    variant: '9',
    opset: 9,
    sizeBytes: 243_863_542,
    sha256: 'ef3c82dad5c512f969dbf701fe35c0b3feb1585687d541f765eb68730c0a8af7',
  },
  {
    variant: '8',
    opset: 8,
    sizeBytes: 243_863_542,
    sha256: '9a4dc22fd706a19462aaec3b08e027e0ef89daf63d123824f20b59b6de9a727b',
  },
  {
    variant: '7',
    opset: 7,
    sizeBytes: 243_863_542,
    sha256: 'd9c9134b90c760d4231e89ad9758bcc8a9397c3ba1cd56fadbef888b534ac6b4',
  },
  {
    variant: '6',
    opset: 6,
    sizeBytes: 243_863_628,
    sha256: 'f1ae53b93d83dd74731c84337ae64035288ce336794a46e2b17b56e7566feaab',
  },
  {
    variant: '3',
    opset: 3,
    sizeBytes: 243_863_514,
    sha256: 'e9e222ef55ba873b219f22987130fb0567cb7bc7d3f1afeb47ff442bc0e11b6d',
  },
  {
    variant: '12-int8',
    opset: 12,
    sizeBytes: 60_984_008,
    sha256: 'd53bbedf100be79277cf55d78c72bdcb67d88786988561bf5d530f038e443c7b',
    accuracy: [54.68, 78.23],
  },
  {
    variant: '12-qdq',
    opset: 12,
    sizeBytes: 61_009_072,
    sha256: 'c103c0f7b8f9d8d64b400e0899d5934d2a13d1f08368ba1907285aa0691f4cbb',
    accuracy: [54.71, 78.22],
  },
];

/** The files of the ONNX Model Zoo: the newest first, the quantised last. */
export const ONNX_ZOO_WEIGHTS: readonly PublishedWeights[] = FILES.map(describe);

function describe({ variant, opset, sizeBytes, sha256, accuracy }: ZooFile): PublishedWeights {
  const fileName = `bvlcalexnet-${variant}.onnx`;
  const path = `${FOLDER}/model/${fileName}`;
  const isQuantised = variant.includes('-');
  return {
    id: `onnx-zoo-${variant}`,
    aliases: variant === '12' ? ['onnx-zoo', 'bvlcalexnet-12'] : [`bvlcalexnet-${variant}`],
    title: `The ONNX Model Zoo's AlexNet, opset ${opset}${isQuantised ? `, ${nameQuantisation(variant)}` : ''}`,
    fileName,
    addresses: [
      {
        value: `https://huggingface.co/onnxmodelzoo/legacy_models/resolve/main/${path}`,
        source:
          'onnx/models b1eeaa1 README.md: the files moved to huggingface.co/onnxmodelzoo, whose legacy_models lists this one',
      },
      {
        value: `https://github.com/onnx/models/raw/main/${path}`,
        source: `${README}; its downloads were to end on 1 July 2025 (b1eeaa1 README.md)`,
      },
    ],
    sizeBytes: { value: sizeBytes, source: MANIFEST },
    checksums: [{ algorithm: 'sha256', value: sha256, by: 'publisher', source: MANIFEST }],
    licence: { value: 'BSD-3-Clause', source: README },
    format: 'onnx',
    preset: 'onnx-zoo',
    preprocessing: 'onnx-zoo',
    accuracy: accuracy ? [describeAccuracy(accuracy)] : [],
    notes: isQuantised
      ? [
          'onnxruntime runs it as it is (loadModel with labels and preprocessing); weights of 8 bits cannot be imported or trained.',
        ]
      : [],
    unconfirmed: [],
  };
}

function nameQuantisation(variant: string): string {
  return variant.endsWith('int8') ? '8 bits' : '8 bits between QuantizeLinear and DequantizeLinear';
}

function describeAccuracy([top1, top5]: readonly [number, number]): PublishedAccuracy {
  return { top1, top5, on: WHOLE_PICTURE, source: README };
}
