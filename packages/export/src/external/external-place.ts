import { AlexNetError } from '@alexnet/core';
import { DataLocation, type TensorProto } from '../proto/messages.ts';
import { isPlainName } from './plain-name.ts';

/** Where the values of a tensor lie in a file beside the model. */
export interface ExternalPlace {
  /** Name of the file, without folders. */
  readonly location: string;
  readonly offset: number;
  /** To the end of the file unless given. */
  readonly length?: number;
  /** SHA1 of the whole file, in hexadecimal. */
  readonly checksum?: string;
}

/** A length or an offset: digits that make a safe integer. */
const DECIMAL = /^\d{1,15}$/;
const SHA1 = /^[0-9a-f]{40}$/i;
/** Entries of one tensor: ONNX knows four keys, onnxruntime a few more. */
const MAX_ENTRIES = 16;

/**
 * Reads a tensor's `external_data`. Keys that mean nothing here are passed over, whatever they are called: they never
 * become properties of anything (CVE-2026-34445).
 *
 * @returns undefined where the values are in the model itself
 * @throws AlexNetError `UNSUPPORTED` for a path in place of a name, `INVALID_MODEL` for values that are none
 */
export function readExternalPlace({
  name = '',
  dataLocation = DataLocation.default,
  externalData,
}: TensorProto): ExternalPlace | undefined {
  if (dataLocation === DataLocation.default && externalData.length === 0) return undefined;
  if (externalData.length > MAX_ENTRIES) throw invalid(name, `has ${externalData.length} entries`);
  const entry = (key: string): string | undefined => {
    const [found, ...more] = externalData.filter((candidate) => candidate.key === key);
    if (more.length > 0) throw invalid(name, `has two entries "${key}"`);
    return found?.value;
  };
  const number = (key: string): number | undefined => {
    const text = entry(key);
    if (text === undefined || DECIMAL.test(text)) return text === undefined ? text : Number(text);
    throw invalid(name, `has the ${key} ${quote(text)}`);
  };
  const location = entry('location') ?? '';
  if (!isPlainName(location)) throw noPlainName(name, location);
  const length = number('length');
  const checksum = entry('checksum');
  if (checksum !== undefined && !SHA1.test(checksum)) {
    throw invalid(name, `has the checksum ${quote(checksum)}, no SHA1`);
  }
  return {
    location,
    offset: number('offset') ?? 0,
    ...(length === undefined ? {} : { length }),
    ...(checksum === undefined ? {} : { checksum: checksum.toLowerCase() }),
  };
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function invalid(weight: string, what: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `The place of ${weight} in another file ${what}.`,
    hint: 'The file is damaged, or made to do harm. Export the model again.',
    path: [weight],
  });
}

function noPlainName(weight: string, location: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `${weight} is in another file, ${JSON.stringify(location.slice(0, 200))}, which is no plain name of a file beside the model.`,
    hint: 'Save the model in one file: onnx.save(onnx.load("model.onnx"), "whole.onnx")',
    path: [weight],
  });
}
