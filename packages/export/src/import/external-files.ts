import { AlexNetError } from '@alexnet/core';
import { decodeModel } from '../proto/codec.ts';
import type { GraphProto, TensorProto } from '../proto/messages.ts';

/** Files that a model may keep its weights in; exporters write one. */
const MAX_FILES = 100;
const MAX_NAME_LENGTH = 255;

/**
 * Names of the files beside a model that it keeps weights in.
 *
 * Plain names of files in the model's own folder alone: a path, however it is written, would let a model name any
 * file of the reader's (CVE-2022-25882, CVE-2024-27318, CVE-2025-51480).
 *
 * @throws AlexNetError `INVALID_MODEL` for bytes that are no model, `UNSUPPORTED` naming the weight for other places
 */
export function listExternalFiles(bytes: Uint8Array): readonly string[] {
  const names = new Set<string>();
  for (const { name = '', externalData } of tensorsOf(decodeModel(bytes).graph)) {
    for (const { key, value } of externalData) {
      if (key !== 'location') continue;
      checkName(name, value);
      names.add(value);
      if (names.size > MAX_FILES) throw tooMany(name);
    }
  }
  return [...names];
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

function checkName(weight: string, location: string): void {
  const isPlain =
    location !== '' &&
    location.length <= MAX_NAME_LENGTH &&
    !/[\\/:\p{Cc}]/u.test(location) &&
    !/^\.+$/.test(location);
  if (isPlain) return;
  throw new AlexNetError('UNSUPPORTED', {
    message: `${weight} is in another file, ${JSON.stringify(location.slice(0, 200))}, which is no plain name of a file beside the model.`,
    hint: 'Save the model in one file: onnx.save(onnx.load("model.onnx"), "whole.onnx")',
    path: [weight],
  });
}

function tooMany(weight: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `The model keeps its weights in more than ${MAX_FILES} files.`,
    hint: 'Save the model in one file: onnx.save(onnx.load("model.onnx"), "whole.onnx")',
    path: [weight],
  });
}
