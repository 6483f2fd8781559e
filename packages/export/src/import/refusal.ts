import { AlexNetError } from '@alexnet/core';

/** A node of an ONNX graph as errors name it: `conv1 (Conv)`. */
export interface Named {
  readonly name: string;
  readonly label: string;
}

const HINT =
  'A network here is made of Conv, Gemm, pools, Relu, Tanh, LRN, BatchNormalization, Dropout, Flatten and Softmax, one after another.';

/**
 * Something that is legal in ONNX but not in a network here.
 *
 * @param what - goes on after the node's name: `has dilations 2,2`
 */
export function refuse({ name, label }: Named, what: string, hint: string = HINT): AlexNetError {
  return new AlexNetError('UNSUPPORTED', { message: `${label} ${what}.`, hint, path: [name] });
}

/** Something that no ONNX file says. */
export function blame({ name, label }: Named, what: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `${label} ${what}.`,
    hint: 'The file is damaged, or its writer has a fault: onnx.checker.check_model says more.',
    path: [name],
  });
}
