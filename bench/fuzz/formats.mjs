// The formats that `pnpm bench fuzz` knows: whole files by real writers, and what reads them.
//
// seeds    paths of tests/golden, as its README lists them; or makes [{ name, bytes }]
// read     (bytes, name) → a WeightFile, or anything else; refusing is an AlexNetError
// inner    optional: mutate what lies in a zip archive as well as the archive (see mutate.mjs)
// mutate   optional: (seeds, random, inner) → { name, bytes }, in place of changing bytes
import { readFileSync } from 'node:fs';
import {
  importWeights,
  prototxtToGraph,
  readBinaryproto,
  readCaffemodel,
  readKeras,
  readNpz,
  readNumpy,
  readPytorch,
  readSafetensors,
  readTfCheckpoint,
  readTfjsLayers,
  readWeights,
} from '@alexnet/weights';
import { ONNX_FORMATS } from './onnx-formats.mjs';
import { signTable } from './sign-table.mjs';
import { writeTfjsGroups } from './tfjs-groups.mjs';

/** A file that stands alone. */
const alone = (name, bytes) => ({ name, bytes, sibling: async () => null });

/** A file of tests/golden; null if there is none. */
function readGolden(path) {
  try {
    return new Uint8Array(readFileSync(new URL(`../../tests/golden/${path}`, import.meta.url)));
  } catch {
    return null;
  }
}

/** The arrays, and those of the network that the file describes. */
async function readWhole(reading) {
  const file = await reading;
  file.network?.readWeights();
  return file;
}

/** A checkpoint whose index, or whose only file, was mutated. */
const readCheckpoint = (bytes, name) => {
  const sibling = async (other) =>
    readGolden(`weights/tensorflow/${other.replace('packed', 'alexnet')}`);
  return readTfCheckpoint({ name, bytes, sibling });
};

const TFJS_FOLDERS = ['float32', 'uint16', 'uint8', 'javascript'];
const GROUPS = writeTfjsGroups();

/** The files with the weights have names that tell the folders apart, or sizes that do. */
const readTfjs = (bytes, name) => {
  const sibling = async (other) =>
    GROUPS.find((file) => file.name === other)?.bytes ??
    TFJS_FOLDERS.map((folder) => readGolden(`weights/tfjs/${folder}/${other}`)).find(Boolean) ??
    null;
  return readWhole(readTfjsLayers({ name, bytes, sibling }));
};

export const FORMATS = {
  numpy: {
    seeds: [
      ...['python2-lists.npy', 'python2-dicts.npy', 'python2-ordered.pkl'],
      ...['python2-protocol0.npy', 'python2-protocol1.npy', 'numpy1-dicts.npy', 'mixed.npy'],
      ...[
        'numpy2-dicts.npy',
        'numpy2-protocol5.pkl',
        'numpy2-protocol5-moved.npy',
        'array-version1.npy',
        'array-version2.npy',
      ],
      ...[0, 1, 2, 3, 4, 5].map((protocol) => `numpy2-protocol${protocol}.npy`),
    ].map((name) => `weights/numpy/${name}`),
    read: (bytes, name) => readNumpy(alone(name, bytes)),
  },
  npz: {
    seeds: ['python2.npz', 'types.npz', 'types-compressed.npz', 'objects.npz'].map(
      (name) => `weights/numpy/${name}`,
    ),
    read: (bytes, name) => readNpz(alone(name, bytes)),
    inner: true,
  },
  pytorch: {
    seeds: [
      ...['torch1-zip.pth', 'torch2-zip.pth', 'torch2-types.pth', 'torch2-views.pth'],
      ...['torch2-checkpoint.pth', 'torch2-protocol4.pth', 'torch2-deflated.pth'],
      ...['torch2-big-endian.pth', 'torch2-numpy-arrays.pth', 'torch2-module.pth'],
    ].map((name) => `weights/pytorch/${name}`),
    read: (bytes, name) => readPytorch(alone(name, bytes)),
    inner: true,
  },
  'pytorch-legacy': {
    seeds: [
      ...['python2-state-dict.pth', 'python2-checkpoint.pth', 'python2-views.pth'],
      ...['torch1-state-dict.pth', 'torch2-legacy.pth', 'torch2-types-legacy.pth'],
      'torch2-views-legacy.pth',
    ].map((name) => `weights/pytorch/${name}`),
    read: (bytes, name) => readPytorch(alone(name, bytes)),
  },
  'keras-h5': {
    seeds: [
      ...['keras1-th.h5', 'keras1-tf-weights.h5', 'keras2-tensorflow-model.h5'],
      ...['keras2-theano-weights.h5', 'keras212-lrn.h5', 'keras3-nested.h5', 'keras3-trained.h5'],
      ...['keras3-bfloat16.h5', 'keras3-float16.h5'],
    ].map((name) => `weights/keras/${name}`),
    read: readKerasWhole,
  },
  'keras-weights': {
    seeds: [
      ...['keras212-model.weights.h5', 'keras3-model.weights.h5', 'keras3-nested.weights.h5'],
      'keras3-float64.weights.h5',
    ].map((name) => `weights/keras/${name}`),
    read: readKerasWhole,
  },
  keras: {
    seeds: [
      ...['keras212-model.keras', 'keras3-nested.keras', 'keras3-trained.keras'],
      ...['torch-first.keras', 'torch-flat.keras'],
    ].map((name) => `weights/keras/${name}`),
    read: readKerasWhole,
    inner: true,
  },
  hdf5: {
    seeds: ['earliest.h5', 'latest.h5', 'ordered.h5', 'user-block.h5', 'growing.h5'].map(
      (name) => `weights/hdf5/${name}`,
    ),
    read: readKerasWhole,
  },
  caffemodel: {
    seeds: [
      ...['alexnet-v0', 'alexnet-v1', 'alexnet-v2', 'alexnet-snapshot'],
      ...['windows', 'unpacked', 'double', 'normalised'],
    ].map((name) => `weights/caffe/${name}.caffemodel`),
    read: (bytes, name) => readWhole(readCaffemodel(alone(name, bytes))),
  },
  prototxt: {
    seeds: ['alexnet-v0', 'alexnet-v1', 'alexnet-v2', 'caffenet', 'windows', 'normalised'].map(
      (name) => `weights/caffe/${name}.prototxt`,
    ),
    read: (bytes) => prototxtToGraph(new TextDecoder().decode(bytes)),
  },
  binaryproto: {
    seeds: ['weights/caffe/mean.binaryproto'],
    read: (bytes) => readBinaryproto(bytes),
  },
  'tf-checkpoint': {
    seeds: [
      'alexnet.ckpt.index',
      'keras.index',
      'types.index',
      'packed.ckpt.index',
      'old.ckpt',
    ].map((name) => `weights/tensorflow/${name}`),
    // About half of them with sums that fit what was changed.
    read: (bytes, name) => readCheckpoint(bytes.length % 2 ? bytes : signTable(bytes), name),
  },
  'tfjs-layers': {
    seeds: () => [
      ...TFJS_FOLDERS.map((folder) => {
        const name = `weights/tfjs/${folder}/model.json`;
        return { name, bytes: readGolden(name) };
      }),
      GROUPS.at(-1),
    ],
    read: readTfjs,
  },
  safetensors: {
    seeds: ['torchvision', 'torchvision-bfloat16', 'towers'].map(
      (name) => `weights/place/${name}.safetensors`,
    ),
    read: (bytes, name) => readWhole(readSafetensors(alone(name, bytes))),
  },
  ...ONNX_FORMATS,
  // The whole way: which format, which network, which layout.
  import: {
    seeds: [
      ...['torchvision.pth', 'torchvision-wrapped.pth', 'torchvision.safetensors'],
      ...['towers.safetensors', 'bvlc.npy', 'bvlc.npz', 'bvlc.pth'],
    ].map((name) => `weights/place/${name}`),
    read: async (bytes, name) => importWeights(await readWeights(alone(name, bytes))).model,
  },
};

/** The arrays, and those of the network that the file describes. */
async function readKerasWhole(bytes, name) {
  const file = await readKeras(alone(name, bytes));
  file.network?.readWeights();
  return file;
}
