import { AlexNetError, isAlexNetError, nameFile } from '@alexnet/core';
import { type ModelFacts, readModelFacts } from '@alexnet/runtime';
import type { LoadedModel } from '../onnxruntime/create-session.ts';
import { toAddress } from './address.ts';
import { type FetchedFile, type FetchOptions, fetchFile } from './fetch-file.ts';
import { fetchFilesBeside } from './files-beside.ts';
import { createProgress, type OnProgress } from './progress.ts';
import { canHash, checkSha256, hashBytes } from './sha256.ts';

/** What a model can be loaded from: its address, a `File` of the user's or another `Blob`, or its bytes. */
export type ModelSource = string | URL | Blob | Uint8Array;

export interface ReadOptions extends Pick<FetchOptions, 'sha256' | 'signal'> {
  /** Whether the browser's cache is used. */
  readonly useCache: boolean;
  readonly onProgress?: OnProgress | undefined;
}

/** Where a model came from. */
export interface Download {
  readonly url: string;
  readonly from: FetchedFile['from'];
  /** Why from there: what the server said, or what is wrong with the cache. */
  readonly reason: string;
}

export interface ModelFile extends LoadedModel {
  readonly metadata: ModelFacts['metadata'];
  /** `null` for what was not fetched. */
  readonly download: Download | null;
}

/**
 * Brings a model into memory.
 *
 * @throws as {@link fetchFile} · {@link AlexNetError} `INVALID_MODEL` for what is plainly something else
 */
export async function readModel(source: ModelSource, options: ReadOptions): Promise<ModelFile> {
  if (typeof source === 'string' || source instanceof URL) {
    return fetchModel(toAddress(source, 'source'), options);
  }
  const { name, bytes } = await readBytes(source);
  const sha256 = canHash() ? await hashBytes(bytes) : null;
  if (options.sha256 !== undefined) checkSha256(name, sha256, options.sha256);
  const { files, ...facts } = readFacts(bytes, name);
  if (files.length > 0) throw filesMissing(name, files);
  return { name, bytes, sha256, ...facts, externalData: [], download: null };
}

async function fetchModel(url: URL, options: ReadOptions): Promise<ModelFile> {
  const name = nameOf(url);
  const progress = createProgress(options.onProgress);
  const file = await fetchFile(url, {
    ...options,
    onBytes: progress.add(),
    inspect: (bytes, answer) => void readFacts(bytes, url.href, answer),
  });
  const { files, ...facts } = readFacts(file.bytes, name);
  const externalData = await fetchFilesBeside(url, files, { ...options, progress });
  const { bytes, sha256, from, reason } = file;
  const download = { url: url.href, from, reason };
  return { name, bytes, sha256, ...facts, externalData, download };
}

async function readBytes(
  source: Blob | Uint8Array,
): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
  if (source instanceof Uint8Array) {
    const isPlain = source.buffer instanceof ArrayBuffer;
    const bytes = isPlain
      ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
      : Uint8Array.from(source);
    return { name: 'the model', bytes };
  }
  if (source instanceof Blob) {
    const name = source instanceof File ? source.name : 'the model';
    return { name, bytes: new Uint8Array(await source.arrayBuffer()) };
  }
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `A model cannot be loaded from ${source === null ? 'null' : typeof source}.`,
    hint: 'Give the address of an ONNX file, a File or Blob, or its bytes as Uint8Array.',
    path: ['source'],
  });
}

function filesMissing(name: string, files: readonly { readonly name: string }[]): AlexNetError {
  const [first] = files;
  return new AlexNetError('INVALID_MODEL', {
    message: `${name} keeps its weights in ${files.length} files beside it (${first?.name}, …), which cannot be found from bytes or a Blob.`,
    hint: 'Give its address, with those files beside it, or export it whole.',
    path: [name],
  });
}

/** The file's name in its address. */
function nameOf({ pathname, protocol }: URL): string {
  const last = pathname.split('/').at(-1) ?? '';
  return protocol.startsWith('http') && last !== '' ? decodeURIComponent(last) : 'the model';
}

/**
 * What the file says of itself; errors name the file.
 *
 * @param answer - what the server sent, in words
 */
function readFacts(bytes: Uint8Array, name: string, answer?: string): ModelFacts {
  try {
    return readModelFacts(bytes);
  } catch (error) {
    if (answer === undefined || !isAlexNetError(error)) throw nameFile(error, name);
    throw new AlexNetError(error.code, {
      message: `${name}: ${error.message} The server answered ${answer}.`,
      hint: answer.includes('text/html')
        ? 'Servers of web applications send a page where there is no file: check the address.'
        : (error.hint ?? 'Check the address.'),
      path: [name, ...error.path],
      cause: error,
    });
  }
}
