import { AlexNetError, sizeOf, type Tensor } from '@alexnet/core';
import type * as Ort from 'onnxruntime-common';
import type { OrtModule } from './ort-module.ts';

/** Arrays of a state, by the input of the model that reads each. */
export type StateArrays = ReadonlyMap<string, Tensor>;
/** The same as onnxruntime's, wherever they lie. */
export type StateTensors = Readonly<Record<string, Ort.Tensor>>;

export function toTensors(ort: OrtModule, arrays: StateArrays): Record<string, Ort.Tensor> {
  return Object.fromEntries(
    [...arrays].map(([name, { data, shape }]) => [name, new ort.Tensor('float32', data, shape)]),
  );
}

/** Of tensors on the host: their own arrays. */
export function toArrays(tensors: StateTensors): StateArrays {
  return new Map(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      { shape: tensor.dims, data: floats(tensor) },
    ]),
  );
}

/** @throws {@link AlexNetError} `INTERNAL` if it is no float32 tensor */
export function floats(tensor: Ort.Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array) || tensor.data.length !== sizeOf(tensor.dims)) {
    throw new AlexNetError('INTERNAL', {
      message: `onnxruntime returned ${tensor ? tensor.type : 'nothing'} where float32 was expected.`,
      hint: 'Please report it with the command or the code that led here.',
    });
  }
  return tensor.data;
}
