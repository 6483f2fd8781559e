import { AlexNetError } from '@alexnet/core';

/**
 * Turns "there is no such file" into a value, for `.catch()`; what else the system says becomes an error
 * that says it.
 *
 * @throws {@link AlexNetError} `IO`
 */
export function onMissing<Value>(value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value;
    throw new AlexNetError('IO', {
      message: `${error.path ?? 'A file'} cannot be looked at: ${error.code ?? error.message}.`,
      hint: 'Check its permissions, and those of the folders above it.',
      cause: error,
    });
  };
}
