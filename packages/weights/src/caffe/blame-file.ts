import { AlexNetError, isAlexNetError } from '@alexnet/core';

/** Does what core does with a graph; what it finds wrong is here a fault of the file. @throws `INVALID_MODEL` */
export function blameFile<T>(body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (!isAlexNetError(cause) || cause.code === 'INTERNAL') throw cause;
    const { message, hint, path } = cause;
    throw new AlexNetError('INVALID_MODEL', {
      message: `The Caffe network does not fit together: ${message}`,
      ...(hint === undefined ? {} : { hint }),
      path,
      cause,
    });
  }
}
