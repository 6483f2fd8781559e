/**
 * Every code an {@link AlexNetError} can carry. Codes are permanent: programs may switch on them,
 * messages may improve.
 */
export const ERROR_CODES = [
  'INVALID_ARGUMENT',
  'INVALID_GRAPH',
  'SHAPE_MISMATCH',
  'UNKNOWN_PRESET',
  'UNSUPPORTED',
  'INVALID_MODEL',
  'INVALID_CHECKPOINT',
  'INVALID_PICTURE',
  'INVALID_DATASET',
  'CONFIG_MISMATCH',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'IO',
  'DISK_FULL',
  'LOCKED',
  'MISSING_DEPENDENCY',
  'DEVICE_UNAVAILABLE',
  'NUMERIC',
  'ABORTED',
  'PARITY',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorDetails {
  /** What happened: both numbers, and the layer's or the file's name. */
  readonly message: string;
  /** What to do about it, with a command where there is one. */
  readonly hint?: string;
  /** From the place of the fault outwards: layers of a graph, fields of a file, files of a folder. */
  readonly path?: readonly string[];
  readonly cause?: unknown;
}

const BRAND = 'alexnet.error';

/**
 * The one error class of all `@alexnet` packages.
 *
 * Recognise it with {@link isAlexNetError}: two copies of this package may be installed side by side,
 * and `instanceof` sees only one of them.
 */
export class AlexNetError extends Error {
  override readonly name = 'AlexNetError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly path: readonly string[];
  readonly brand: typeof BRAND = BRAND;

  constructor(code: ErrorCode, { message, hint, path, cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.path = path ?? [];
  }
}

export function isAlexNetError(value: unknown): value is AlexNetError {
  return typeof value === 'object' && value !== null && 'brand' in value && value.brand === BRAND;
}

/**
 * An error that names the file it is about: `model.onnx: …`. What is not ours comes back as it is.
 */
export function nameFile(error: unknown, file: string): unknown {
  if (!isAlexNetError(error)) return error;
  return new AlexNetError(error.code, {
    message: `${file}: ${error.message}`,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    path: [file, ...error.path],
    cause: error,
  });
}

/**
 * Asserts what only a bug of ours can break.
 *
 * @throws {@link AlexNetError} `INTERNAL`
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) {
    throw new AlexNetError('INTERNAL', {
      message: `${message} (a bug in @alexnet, not in your input)`,
      hint: 'Please report it with the command or the code that led here.',
    });
  }
}
