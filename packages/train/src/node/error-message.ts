import { AlexNetError, type ErrorCode, isAlexNetError } from '@alexnet/core';

/** An error as plain data, to cross from one thread to another. */
export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly path: readonly string[];
  readonly stack: string | undefined;
}

export function toErrorMessage(error: unknown): ErrorMessage {
  const isOurs = isAlexNetError(error);
  return {
    code: isOurs ? error.code : 'INTERNAL',
    message: error instanceof Error ? error.message : String(error),
    hint: isOurs ? error.hint : undefined,
    path: isOurs ? error.path : [],
    stack: error instanceof Error ? error.stack : undefined,
  };
}

export function fromErrorMessage({ code, message, hint, path, stack }: ErrorMessage): AlexNetError {
  const error = new AlexNetError(code, {
    message,
    path,
    ...(hint === undefined ? {} : { hint }),
  });
  if (stack !== undefined) error.stack = stack;
  return error;
}
