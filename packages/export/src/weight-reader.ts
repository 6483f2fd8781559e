import { AlexNetError, formatShape, sizeOf, type Tensor } from '@alexnet/core';
import { DataLocation, DataType, type TensorProto } from './proto/messages.ts';
import { nameDataType } from './proto/tensor-proto.ts';

/** The initialisers of an ONNX graph: weights, and constants such as a dropout's ratio. */
export class WeightReader {
  private readonly byName: ReadonlyMap<string, TensorProto>;
  private readonly used = new Set<string>();

  constructor(initializers: readonly TensorProto[]) {
    this.byName = indexByName(initializers);
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** Elements of a constant; undefined where there is none of that name. */
  readConstant(name: string): Float32Array | undefined {
    const tensor = this.byName.get(name);
    if (!tensor) return undefined;
    this.used.add(name);
    return readTensor(name, tensor).data;
  }

  /** The weights among the initialisers, in the file's order. Views of the file where it is aligned. */
  readWeights(isWeight: (name: string) => boolean): ReadonlyMap<string, Tensor> {
    const weights = new Map<string, Tensor>();
    for (const [name, tensor] of this.byName) {
      if (isWeight(name)) weights.set(name, readTensor(name, tensor));
      else if (!this.used.has(name)) throw unusedWeight(name);
    }
    return weights;
  }
}

function indexByName(initializers: readonly TensorProto[]): ReadonlyMap<string, TensorProto> {
  const byName = new Map<string, TensorProto>();
  for (const tensor of initializers) {
    const name = tensor.name ?? '';
    if (name === '' || byName.has(name)) {
      throw new AlexNetError('INVALID_MODEL', {
        message: name === '' ? 'A weight has no name.' : `There are two weights named "${name}".`,
        hint: 'The file is damaged, or made to be read in two ways.',
        path: [name],
      });
    }
    byName.set(name, tensor);
  }
  return byName;
}

function readTensor(name: string, tensor: TensorProto): Tensor {
  refuseExternal(name, tensor);
  if (tensor.dataType !== DataType.float) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `${name} is ${nameDataType(tensor.dataType)}, but weights are read as float32 only.`,
      hint: 'Export the network in float32.',
      path: [name],
    });
  }
  const raw = tensor.rawData ?? new Uint8Array();
  const expected = sizeOf(tensor.dims) * Float32Array.BYTES_PER_ELEMENT;
  if (!Number.isSafeInteger(expected) || expected !== raw.length) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${name} is ${formatShape(tensor.dims)}: ${expected} bytes, but its raw_data has ${raw.length}.`,
      hint: 'The file is damaged, or keeps its values in float_data, which is not read here.',
      path: [name],
    });
  }
  return { shape: tensor.dims, data: toFloat32Array(raw) };
}

/** Nothing outside the file is ever opened, so that no path in it has to be judged. */
function refuseExternal(name: string, { dataLocation, externalData }: TensorProto): void {
  const isInside = dataLocation === undefined || dataLocation === DataLocation.default;
  if (isInside && externalData.length === 0) return;
  const location = externalData.find(({ key }) => key === 'location')?.value ?? '';
  throw new AlexNetError('UNSUPPORTED', {
    message: `${name} is in another file, ${JSON.stringify(location.slice(0, 200))}, and external data is not read.`,
    hint: 'Save the model in one file: onnx.save(onnx.load("model.onnx"), "whole.onnx")',
    path: [name],
  });
}

function unusedWeight(name: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `No node uses the weight "${name}".`,
    hint: 'This reads networks that were exported with @alexnet/export.',
    path: [name],
  });
}

/** A view where the bytes are aligned to four, a copy elsewhere. ONNX is little-endian, as we are. */
function toFloat32Array(raw: Uint8Array): Float32Array {
  const bytes = Float32Array.BYTES_PER_ELEMENT;
  if (raw.byteOffset % bytes === 0) {
    return new Float32Array(raw.buffer, raw.byteOffset, raw.length / bytes);
  }
  return new Float32Array(raw.slice().buffer);
}
