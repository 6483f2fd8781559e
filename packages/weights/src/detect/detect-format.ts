import { AlexNetError } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';
import type { WeightSource } from '../weight-file.ts';
import { readZip } from '../zip/read-zip.ts';
import { describeForeignKind, hasBytes } from './foreign-kind.ts';
import { sniffProtobuf } from './sniff-protobuf.ts';

/** Which reader a file is for. */
export type FileKind =
  | 'numpy'
  | 'npz'
  | 'pytorch'
  | 'safetensors'
  | 'caffemodel'
  | 'binaryproto'
  | 'keras'
  | 'tfjs-layers'
  | 'tf-checkpoint'
  | 'onnx';

const READ =
  'Read are: .pth and .pt, .safetensors, .npy, .npz, .caffemodel, .h5, .keras, .onnx, model.json of TensorFlow.js, .index of TensorFlow.';

/**
 * Tells the format of a file by its bytes; where these leave it open, as protobuf's do, by the suffix of its name.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` saying what the file seems to be, `INVALID_MODEL` for a damaged archive
 */
export function detectFormat({ name, bytes }: WeightSource): FileKind {
  const kind = detectByMagic(name, bytes) ?? sniffProtobuf(bytes);
  if (kind !== undefined) return kind;
  // What is a text, a picture or a page is not what its name says.
  const foreign = describeForeignKind(bytes);
  if (foreign) throw notWeights(name, foreign.kind, foreign.hint);
  const named = detectBySuffix(name);
  if (named !== undefined) return named;
  throw notWeights(name, 'of a kind that is not known here', READ);
}

function notWeights(name: string, kind: string, hint: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `${name} is ${kind}.`,
    hint,
    path: [name],
  });
}

const NUMPY = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const ZIP = [0x50, 0x4b];
const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** HDF5 may have a block of the user's own in front, of a power of two from 512 on. */
const HDF5_OFFSETS = [0, 512, 1024, 2048];
/** The pickle of 0x1950a86a20f9469cfc6c, with which PyTorch's files before 1.6 begin. */
const TORCH_LEGACY = [
  0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
];
/** With which a table of LevelDB ends. */
const TABLE_END = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

function detectByMagic(name: string, bytes: Uint8Array): FileKind | undefined {
  if (hasBytes(bytes, NUMPY)) return 'numpy';
  if (hasBytes(bytes, ZIP) && [3, 5, 7].includes(bytes[2] ?? 0)) return detectArchive(name, bytes);
  if (HDF5_OFFSETS.some((offset) => hasBytes(bytes, HDF5, offset))) return 'keras';
  if (hasBytes(bytes, TORCH_LEGACY)) return 'pytorch';
  if (isSafetensors(name, bytes)) return 'safetensors';
  if (hasBytes(bytes, TABLE_END, bytes.length - TABLE_END.length)) return 'tf-checkpoint';
  if (isJson(bytes)) return detectJson(name, bytes);
  // A pickle without NumPy's header around it, which numpy.load reads as well.
  if (bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5) return 'numpy';
  return undefined;
}

/** A length and a brace; the length may lie, which the reader says. */
function isSafetensors(name: string, bytes: Uint8Array): boolean {
  const hasBrace = bytes[8] === 0x7b || /\.safetensors$/i.test(name);
  const isBelow4GiB = bytes.length > 8 && bytes.subarray(4, 8).every((byte) => byte === 0);
  return hasBrace && (isBelow4GiB || (/\.safetensors$/i.test(name) && bytes[8] === 0x7b));
}

/** By the names in it. @throws as `readZip` */
function detectArchive(name: string, bytes: Uint8Array): FileKind {
  const names = [...readZip(bytes, name).keys()];
  if (names.some((entry) => /(?:^|\/)data\.pkl$/.test(entry))) return 'pytorch';
  if (names.some((entry) => /(?:^|\/)model\.weights\.(?:h5|npz)$/.test(entry))) return 'keras';
  if (names.some((entry) => entry.endsWith('.npy'))) return 'npz';
  const shown = names.slice(0, 4).map(quoteName).join(', ');
  const inside = names.find((entry) =>
    /\.(?:pth?|safetensors|npy|npz|caffemodel|h5|keras|onnx|index)$/i.test(entry),
  );
  throw notWeights(
    name,
    names.length === 0
      ? 'an empty zip archive'
      : `a zip archive of ${shown}${names.length > 4 ? ', …' : ''}, not of a weight file's parts`,
    inside === undefined ? READ : `Unpack it, and give ${quoteName(inside)}.`,
  );
}

function isJson(bytes: Uint8Array): boolean {
  const start = new TextDecoder()
    .decode(bytes.subarray(0, 64))
    .replace(/^\ufeff/, '')
    .trimStart();
  return /^\{\s*(?:"|\}|$)/.test(start);
}

/** Descriptions of layers are small. */
const MAX_JSON_BYTES = 2 ** 26;

function detectJson(name: string, bytes: Uint8Array): FileKind {
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_JSON_BYTES));
  if (text.includes('"weightsManifest"')) return 'tfjs-layers';
  if (text.includes('"nodes"') && text.includes('"parameters"')) {
    throw notWeights(
      name,
      'a network without weights',
      `Train it first: alexnet train DATA --network ${name}`,
    );
  }
  if (text.includes('"class_name"')) {
    throw notWeights(
      name,
      "a Keras model's layers without weights",
      'Give the .h5 or .keras file that was saved with it.',
    );
  }
  throw notWeights(name, 'a JSON file without weights', READ);
}

function detectBySuffix(name: string): FileKind | undefined {
  const lower = name.toLowerCase();
  if (/\.data-\d{5}-of-\d{5}$/.test(lower)) {
    const index = name.replace(/\.data-\d{5}-of-\d{5}$/i, '.index');
    throw notWeights(
      name,
      'the data of a TensorFlow checkpoint',
      `Give the file beside it that says what is where: ${index}`,
    );
  }
  if (/\.(?:pb|meta)$/.test(lower)) {
    throw notWeights(
      name,
      'a TensorFlow graph',
      'Give the checkpoint (.index), or convert it to ONNX: python -m tf2onnx.convert',
    );
  }
  const suffixes: readonly (readonly [string, FileKind])[] = [
    ['.onnx', 'onnx'],
    ['.caffemodel', 'caffemodel'],
    ['.binaryproto', 'binaryproto'],
    ['.pth', 'pytorch'],
    ['.pt', 'pytorch'],
    ['.npy', 'numpy'],
    ['.npz', 'npz'],
    ['.safetensors', 'safetensors'],
    ['.h5', 'keras'],
    ['.hdf5', 'keras'],
    ['.keras', 'keras'],
    ['.index', 'tf-checkpoint'],
  ];
  return suffixes.find(([suffix]) => lower.endsWith(suffix))?.[1];
}
