import { type FileHandle, open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlexNetError, isAlexNetError, messageOf } from '@alexnet/core';
import { identifyForeignFile } from '@alexnet/runtime';

/** A protobuf message, and with it an ONNX file without external data, ends here. */
const MAX_MODEL_BYTES = 2 ** 31 - 1;

export interface ModelFile {
  /** The file's name without its folders; `the model` for bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a model from where it lies.
 *
 * @throws {@link AlexNetError} `NOT_FOUND` · `IO` if it cannot be read · `INVALID_MODEL` for a folder, or
 *   a file that is plainly something else · `INVALID_ARGUMENT` for a URL that is not `file:`
 */
export async function readModelFile(source: string | URL | Uint8Array): Promise<ModelFile> {
  checkSource(source);
  const file =
    source instanceof Uint8Array
      ? { name: 'the model', bytes: source }
      : await readFileOf(resolve(toPath(source)));
  const foreign = identifyForeignFile(file.bytes);
  if (foreign === undefined) return file;
  throw new AlexNetError('INVALID_MODEL', {
    message: `${file.name} is ${foreign}, not an ONNX model.`,
    hint: 'Give a file that `alexnet export` wrote, or another .onnx file.',
    path: [file.name],
  });
}

function checkSource(source: unknown): void {
  if (typeof source === 'string' || source instanceof URL || source instanceof Uint8Array) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `A model cannot be loaded from ${source === null ? 'null' : typeof source}.`,
    hint: 'Give the path or file URL of an ONNX file, or its bytes as Uint8Array or Buffer.',
    path: ['source'],
  });
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
    hint: 'Fetch it first: new Uint8Array(await (await fetch(url)).arrayBuffer())',
    path: [url.href.slice(0, 200)],
  });
}

async function readFileOf(path: string): Promise<ModelFile> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const stats = await file.stat();
    checkKind(path, stats.isDirectory(), stats.size);
    return { name: basename(path), bytes: await file.readFile() };
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
