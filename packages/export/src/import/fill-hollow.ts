import { AlexNetError, formatShape, sizeOf } from '@alexnet/core';
import { MAX_MODEL_BYTES } from '../proto/codec.ts';
import { DataLocation, type ModelProto, type TensorProto } from '../proto/messages.ts';
import { bytesPerElement } from './initializer.ts';

/**
 * A model with zeros in place of the values that it lacks: those that were not read, and those in files beside it. The
 * system makes memory of zeros when something is written to it.
 *
 * @throws AlexNetError `INVALID_MODEL` for weights that together are more than a file can hold
 */
export function fillHollow(model: ModelProto): ModelProto {
  let madeBytes = 0;
  const initializer = model.graph.initializer.map((tensor) => {
    const bytes = sizeOf(tensor.dims) * bytesPerElement(tensor.dataType);
    if (bytes === 0 || !isHollow(tensor)) return tensor;
    madeBytes += bytes;
    if (!(madeBytes <= MAX_MODEL_BYTES)) throw tooLarge(tensor);
    const { externalData, dataLocation, ...rest } = tensor;
    return {
      ...rest,
      rawData: new Uint8Array(bytes),
      externalData: [],
      dataLocation: DataLocation.default,
    };
  });
  return { ...model, graph: { ...model.graph, initializer } };
}

function isHollow(tensor: TensorProto): boolean {
  const { rawData, floatData, int32Data, int64Data, doubleData } = tensor;
  return ![rawData, floatData, int32Data, int64Data, doubleData].some((values) => values?.length);
}

function tooLarge({ name = '', dims }: TensorProto): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `${name} is ${formatShape(dims)}: with the weights before it more than the ${MAX_MODEL_BYTES} bytes of a model.`,
    hint: 'The file is damaged.',
    path: [name],
  });
}
