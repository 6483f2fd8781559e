import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { sizeOf, type Tensor } from '@alexnet/core';
import { hashedValues } from './golden/hashed-values.ts';

/** An ONNX file of another program, and what that program computes with it. */
export interface ImportCase {
  readonly name: string;
  /** The file, in base64. */
  readonly model: string;
  /** Files beside it, in base64, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Hashed values in the layout of this project. */
  readonly image: {
    readonly shape: readonly number[];
    readonly seed: number;
    readonly bound: number;
  };
  readonly expected: readonly number[];
  /** Id of the preset that the network is. */
  readonly preset: string | null;
  /** What a refusal has to name, where the file cannot be read. */
  readonly refused?: string | null;
  /** [C, H, W], where the file does not say. */
  readonly inputShape?: readonly number[];
}

export const IMPORT_FILES = [
  'imports/torch.json.gz',
  'imports/tensorflow.json.gz',
  'imports/onnx.json.gz',
] as const;

export function readImportCases(name: (typeof IMPORT_FILES)[number]): readonly ImportCase[] {
  const file = readFileSync(new URL(`golden/${name}`, import.meta.url));
  return JSON.parse(gunzipSync(file).toString('utf8')).cases;
}

export function modelOf({ model }: ImportCase): Uint8Array {
  return Buffer.from(model, 'base64');
}

export function filesOf({ files }: ImportCase): ReadonlyMap<string, Uint8Array> {
  return new Map(
    Object.entries(files).map(([name, data]) => [name, Buffer.from(data, 'base64')] as const),
  );
}

export function imageOf({ image }: ImportCase): Tensor {
  const { shape, seed, bound } = image;
  return { shape, data: hashedValues(seed, sizeOf(shape), bound) };
}
