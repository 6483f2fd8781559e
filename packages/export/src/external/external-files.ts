import { AlexNetError } from '@alexnet/core';
import { decodeModel } from '../proto/codec.ts';
import type { GraphProto, TensorProto } from '../proto/messages.ts';
import { readExternalPlace } from './external-place.ts';
import { MAX_EXTERNAL_FILES } from './file-list.ts';

/** What a model says of a file beside it. */
export interface ExternalFileUse {
  readonly name: string;
  /** The file has at least so many bytes. */
  readonly minBytes: number;
  /** SHA1 of the whole file, in hexadecimal, where the model says it. */
  readonly checksum?: string;
}

/**
 * Names of the files beside a model that it keeps weights in.
 *
 * Plain names of files in the model's own folder alone: a path, however it is written, would let a model name any
 * file of the reader's (CVE-2022-25882, CVE-2024-27318, CVE-2025-51480).
 *
 * @throws AlexNetError `INVALID_MODEL` for bytes that are no model, `UNSUPPORTED` naming the weight for other places
 */
export function listExternalFiles(bytes: Uint8Array): readonly string[] {
  return surveyExternalFiles(bytes).map(({ name }) => name);
}

/** As {@link listExternalFiles}, with what is said of each. */
export function surveyExternalFiles(bytes: Uint8Array): readonly ExternalFileUse[] {
  const files = new Map<string, ExternalFileUse>();
  for (const tensor of tensorsOf(decodeModel(bytes).graph)) {
    const place = readExternalPlace(tensor);
    if (!place) continue;
    const { location: name, offset, length = 0, checksum } = place;
    const known = files.get(name);
    if (known?.checksum !== undefined && checksum !== undefined && known.checksum !== checksum) {
      throw twoChecksums(name, tensor.name ?? '');
    }
    const sum = checksum ?? known?.checksum;
    files.set(name, {
      name,
      minBytes: Math.max(known?.minBytes ?? 0, offset + length),
      ...(sum === undefined ? {} : { checksum: sum }),
    });
    if (files.size > MAX_EXTERNAL_FILES) throw tooMany(tensor.name ?? '');
  }
  return [...files.values()];
}

function tensorsOf(graph: GraphProto): readonly TensorProto[] {
  const tensors = [...graph.initializer];
  for (const node of graph.node) {
    for (const { t, g } of node.attribute) {
      if (t) tensors.push(t);
      if (g) for (const tensor of tensorsOf(g)) tensors.push(tensor);
    }
  }
  return tensors;
}

function twoChecksums(name: string, weight: string): AlexNetError {
  return new AlexNetError('INVALID_MODEL', {
    message: `The model gives two checksums for ${name}.`,
    hint: 'The file is damaged. Export the model again.',
    path: [weight],
  });
}

function tooMany(weight: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The model keeps its weights in more than ${MAX_EXTERNAL_FILES} files.`,
    hint: 'Save the model in one file: onnx.save(onnx.load("model.onnx"), "whole.onnx")',
    path: [weight],
  });
}
