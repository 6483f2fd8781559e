import { type JsonReader, type Shape, sizeOf } from '@alexnet/core';
import { checkShape } from '../elements/create-file-tensor.ts';
import { ELEMENT_BYTES, type ElementType } from '../elements/element-type.ts';
import { damagedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';

/** Files that the weights may be spread over; at 4 MiB each, as TensorFlow.js cuts them, 4 GB. */
const MAX_SHARDS = 1000;
/** Arrays of a model; ResNet-152 has 932. */
const MAX_WEIGHTS = 5000;
const MAX_AXES = 32;
/** No folders, no hidden files, nothing that climbs out, no addresses. */
const PLAIN_NAME = /^[^./\\\0:][^/\\\0:]*$/;

const TYPES = ['float32', 'int32', 'uint8', 'bool'] as const;
const STORED_TYPES = ['uint8', 'uint16', 'float16'] as const;

/** Arrays one behind the other, in files one behind the other. */
export interface WeightGroup {
  /** Plain names of files beside model.json. */
  readonly paths: readonly string[];
  readonly weights: readonly StoredWeight[];
}

export interface StoredWeight {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: (typeof TYPES)[number];
  /** The type of the numbers in the file; the array's own unless it was quantised. */
  readonly storedAs: ElementType;
  /** number = stored · scale + min; where the numbers were made small whole ones. */
  readonly affine?: { readonly scale: number; readonly min: number };
  readonly byteLength: number;
}

/**
 * Reads the `weightsManifest` of a model.json.
 *
 * @throws AlexNetError `INVALID_MODEL` naming weight or file
 * @see tfjs-core/src/io/types.ts of github.com/tensorflow/tfjs, `WeightsManifestConfig`
 */
export function readManifest(json: JsonReader, place: string): readonly WeightGroup[] {
  const left = { shards: MAX_SHARDS, weights: MAX_WEIGHTS };
  const seen = new Set<string>();
  return readItems(json, MAX_SHARDS, place).map((group) => {
    const paths = readItems(group.field('paths'), left.shards, place);
    const weights = readItems(group.field('weights'), left.weights, place);
    left.shards -= paths.length;
    left.weights -= weights.length;
    return {
      paths: paths.map((path) => checkPath(path.string(), seen, place)),
      weights: weights.map((weight) => readWeight(weight, place)),
    };
  });
}

/** The items of a list, counted before a reader is made for each. */
function readItems(json: JsonReader, limit: number, place: string): readonly JsonReader[] {
  const value = json.value();
  if (!Array.isArray(value) || value.length <= limit) return json.items();
  throw damagedFile(
    place,
    `${json.path.join('.')} has ${value.length} items; there may be ${MAX_SHARDS} files, ${MAX_WEIGHTS} weights and ${MAX_AXES} axes`,
  );
}

/** A name twice would be a model larger than its files. */
function checkPath(path: string, seen: Set<string>, place: string): string {
  if (!PLAIN_NAME.test(path)) {
    throw damagedFile(place, `it names a file outside its folder: ${quoteName(path)}`, {
      hint: 'The files with the weights lie beside model.json, under plain names.',
    });
  }
  if (seen.has(path)) throw damagedFile(place, `it names ${quoteName(path)} twice`);
  seen.add(path);
  return path;
}

function readWeight(json: JsonReader, place: string): StoredWeight {
  const name = json.field('name').string();
  const shape = readItems(json.field('shape'), MAX_AXES, place).map((length) => length.integer());
  checkShape(shape, `${place}, weight ${quoteName(name)}`);
  const dtype = json.field('dtype').oneOf(TYPES);
  const stored = json.has('quantization')
    ? readQuantization(json.field('quantization'))
    : { storedAs: dtype };
  const byteLength = sizeOf(shape) * ELEMENT_BYTES[stored.storedAs];
  return { name, shape, dtype, ...stored, byteLength };
}

function readQuantization(json: JsonReader): Pick<StoredWeight, 'affine' | 'storedAs'> {
  const storedAs = json.field('dtype').oneOf(STORED_TYPES);
  if (storedAs === 'float16') return { storedAs };
  const affine = { scale: json.field('scale').number(), min: json.field('min').number() };
  return { storedAs, affine };
}
