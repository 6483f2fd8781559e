import { AlexNetError, type ErrorCode, isAlexNetError } from './errors.ts';

/** An error as plain data, to cross from one thread to another. */
export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly path: readonly string[];
  readonly stack: string | undefined;
  /** What the error's cause said, and its causes' causes; empty if it has none. */
  readonly causes: readonly string[];
}

/** Errors may name each other as causes; nobody reads further than this. */
const MAX_CAUSES = 8;

export function toErrorMessage(error: unknown): ErrorMessage {
  const isOurs = isAlexNetError(error);
  return {
    code: isOurs ? error.code : 'INTERNAL',
    message: messageOf(error),
    hint: isOurs ? error.hint : undefined,
    path: isOurs ? error.path : [],
    stack: error instanceof Error ? error.stack : undefined,
    causes: listCauses(error),
  };
}

export function fromErrorMessage({
  code,
  message,
  hint,
  path,
  stack,
  causes,
}: ErrorMessage): AlexNetError {
  const cause = causes.reduceRight<Error | undefined>(
    (inner, words) => new Error(words, inner === undefined ? undefined : { cause: inner }),
    undefined,
  );
  const error = new AlexNetError(code, {
    message,
    path,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function listCauses(error: unknown): readonly string[] {
  const causes: string[] = [];
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined && causes.length < MAX_CAUSES) {
    inner = inner.cause;
    causes.push(messageOf(inner));
  }
  return causes;
}
