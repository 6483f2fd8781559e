import { type Shape, sizeOf } from '@alexnet/core';
import { readingFrom } from '../elements/read-floats.ts';
import { transposeInto } from '../elements/transpose.ts';
import { quoteName } from '../quote-name.ts';
import type { FileTensor } from '../weight-file.ts';
import type { Blob } from './blob.ts';
import type { CaffeLayer } from './caffe-layer.ts';
import type { CaffeNet } from './caffe-net.ts';
import { readFields } from './fields.ts';

/** What the arrays of a layer are, by its type; of other types they are numbered. */
const ROLES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Convolution', ['weight', 'bias']],
  ['Deconvolution', ['weight', 'bias']],
  ['InnerProduct', ['weight', 'bias']],
  ['BatchNorm', ['mean', 'variance', 'factor']],
  ['Scale', ['scale', 'shift']],
]);

/** Axes of an array by its role; the rest are ones that old files put in front. */
const MATRIX_AXES = 2;
const PICTURE_AXES = 4;

interface NamedArray {
  readonly name: string;
  readonly tensor: FileTensor;
}

/** The arrays of all layers, by layer and role; those of a `Scale` are its `BatchNorm`'s. */
export function layerArrays(net: CaffeNet): readonly NamedArray[] {
  const makers = new Map<string, CaffeLayer>();
  return net.layers.flatMap((layer) => {
    const before = makers.get(layer.bottoms[0] ?? '');
    for (const top of layer.tops) makers.set(top, layer);
    const isMerged = layer.type === 'Scale' && before?.type === 'BatchNorm';
    const owner = isMerged ? before.name : layer.name;
    const factor = layer.type === 'BatchNorm' ? layer.blobs[2] : undefined;
    return layer.blobs.flatMap((blob, index): readonly NamedArray[] => {
      if (blob === factor) return [];
      const role = ROLES.get(layer.type)?.[index] ?? String(index);
      return [{ name: `${owner}/${role}`, tensor: toTensor(layer, role, { blob, factor }) }];
    });
  });
}

interface Stored {
  readonly blob: Blob;
  /** What the numbers are divided by. */
  readonly factor: Blob | undefined;
}

function toTensor(layer: CaffeLayer, role: string, { blob, factor }: Stored): FileTensor {
  const { dtype } = blob;
  const shape = shapeOf(layer, role, blob);
  const [rows = 0, columns = 0] = shape;
  if (factor) return { dtype, shape, toFloat32: () => divide(blob, factor) };
  if (!isTransposed(layer, role) || shape.length !== MATRIX_AXES) return { ...blob, shape };
  return {
    dtype,
    shape: [columns, rows],
    toFloat32: () => {
      const turned = new Float32Array(rows * columns);
      transposeInto(readingFrom(blob.toFloat32()), turned, [1, rows, columns]);
      return turned;
    },
  };
}

function shapeOf({ type }: CaffeLayer, role: string, { shape, isLegacy }: Blob): Shape {
  if (!isLegacy || !ROLES.has(type)) return shape;
  const axes = role !== 'weight' ? 1 : type === 'InnerProduct' ? MATRIX_AXES : PICTURE_AXES;
  const leading = shape.slice(0, -axes);
  return leading.length > 0 && sizeOf(leading) === 1 ? shape.slice(-axes) : shape;
}

/** Some networks keep the matrix of a fully connected layer as [in, out]. */
function isTransposed({ name, type, fields }: CaffeLayer, role: string): boolean {
  if (type !== 'InnerProduct' || role !== 'weight') return false;
  const settings = readFields(fields, quoteName(name)).message('inner_product_param');
  return settings.boolean('transpose', false);
}

/** A factor of 0 makes nothing of everything, as in Caffe. */
function divide(blob: Blob, factor: Blob): Float32Array {
  const [divisor = 0] = factor.toFloat32();
  const scale = divisor === 0 ? 0 : 1 / divisor;
  return blob.toFloat32().map((value) => value * scale);
}
