import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlexNetError, isAlexNetError, messageOf } from '@alexnet/core';
import { describeForeignFile } from '@alexnet/export';
import { fetchModel } from './fetch-model.ts';

/** A protobuf message, and with it an ONNX file without external data, ends here. */
const MAX_MODEL_BYTES: number = 2 ** 31 - 1;

/** Where a model lies: a path, a `file:`, `http:` or `https:` address, or its bytes. */
export type ModelSource = string | URL | Uint8Array | Blob;

export interface ModelFile {
  /** The file's name without its folders; `the model` for bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Its absolute path or its address; absent for bytes. */
  readonly place?: string | URL;
}

export interface ReadModelOptions {
  /** What the file's SHA-256 has to be, in hexadecimal. */
  readonly sha256?: string;
  /** Ends a download. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a model from where it lies.
 *
 * @throws {@link AlexNetError} `NOT_FOUND` · `IO` if it cannot be read or fetched · `INVALID_MODEL` for a
 *   folder, a file that is plainly something else, or another checksum · `INVALID_ARGUMENT` for what is no
 *   source
 */
export async function readModelFile(
  source: ModelSource,
  { sha256, signal }: ReadModelOptions = {},
): Promise<ModelFile> {
  if (sha256 !== undefined) checkSha256(sha256);
  const file = await readSource(source, signal);
  const foreign = describeForeignFile(file.bytes);
  if (foreign !== undefined) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${file.name} is ${foreign.kind}, not an ONNX model.`,
      hint: foreign.hint,
      path: [file.name],
    });
  }
  if (sha256 !== undefined) compareSha256(file, sha256.toLowerCase());
  return file;
}

async function readSource(source: ModelSource, signal?: AbortSignal): Promise<ModelFile> {
  if (source instanceof Uint8Array) return { name: 'the model', bytes: source };
  if (source instanceof Blob) {
    const { name = 'the model' } = source as Partial<Pick<File, 'name'>>;
    return { name, bytes: new Uint8Array(await source.arrayBuffer()) };
  }
  if (typeof source === 'string' || source instanceof URL) {
    const address = toHttpUrl(source);
    if (!address) return readFileOf(resolve(toPath(source)));
    const limits = { maxBytes: MAX_MODEL_BYTES, ...(signal ? { signal } : {}) };
    return { ...(await fetchModel(address, limits)), place: address };
  }
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `A model cannot be loaded from ${source === null ? 'null' : typeof source}.`,
    hint: 'Give the path or address of an ONNX file, a Blob, or its bytes as Uint8Array or Buffer: new Uint8Array(arrayBuffer).',
    path: ['source'],
  });
}

function toHttpUrl(source: string | URL): URL | null {
  if (typeof source === 'string' && !/^https?:\/\//i.test(source)) return null;
  const url = new URL(source);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}

/**
 * The path of a file, given as such or as a `file:` URL.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for another protocol
 */
export function toPath(source: string | URL): string {
  if (typeof source === 'string' && !/^(file|https?|data|blob):/i.test(source)) return source;
  const url = new URL(source);
  if (url.protocol === 'file:') return fileURLToPath(url);
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `${url.protocol} addresses are not read here, only files and bytes.`,
    hint: 'Fetch it first: await (await fetch(url)).blob()',
    path: [url.href.slice(0, 200)],
  });
}

function checkSha256(sha256: string): void {
  if (/^[0-9a-f]{64}$/i.test(sha256)) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `sha256 is "${String(sha256).slice(0, 80)}", no SHA-256 in hexadecimal.`,
    hint: 'Give 64 digits from 0 to f: sha256sum model.onnx',
    path: ['sha256'],
  });
}

function compareSha256({ name, bytes }: ModelFile, expected: string): void {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === expected) return;
  throw new AlexNetError('INVALID_MODEL', {
    message: `${name} has the SHA-256 ${found}, but ${expected} was asked for.`,
    hint: 'It was altered, cut short, or is another model: fetch it again, or correct the checksum.',
    path: [name, 'sha256'],
  });
}

async function readFileOf(path: string): Promise<ModelFile> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const stats = await file.stat();
    checkKind(path, stats.isDirectory(), stats.size);
    return { name: basename(path), bytes: await file.readFile(), place: path };
  } catch (error) {
    throw isAlexNetError(error) ? error : describeReadError(path, error);
  } finally {
    await file?.close();
  }
}

function checkKind(path: string, isDirectory: boolean, sizeBytes: number): void {
  if (isDirectory) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${path} is a folder, not a model file.`,
      hint: 'Give the .onnx file itself. From a run folder, make one: alexnet export model.onnx --from RUN',
      path: [path],
    });
  }
  if (sizeBytes > MAX_MODEL_BYTES) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${path} has ${sizeBytes} bytes; an ONNX file has at most ${MAX_MODEL_BYTES}.`,
      hint: 'Is this the right file?',
      path: [path],
    });
  }
}

function describeReadError(path: string, error: unknown): AlexNetError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AlexNetError('NOT_FOUND', {
      message: `There is no file ${path}.`,
      hint: 'Check the path; relative ones start at the current folder. To make a model: alexnet export model.onnx',
      path: [path],
      cause: error,
    });
  }
  return new AlexNetError('IO', {
    message: `${path} cannot be read: ${messageOf(error)}`,
    hint: 'Check who may read the file.',
    path: [path],
    cause: error,
  });
}
