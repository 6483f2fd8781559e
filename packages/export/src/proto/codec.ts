import { AlexNetError } from '@alexnet/core';
import type { ByteSource } from './byte-source.ts';
import { decodeUntilEnd } from './decode-fields.ts';
import { encodeFields } from './encode-fields.ts';
import { describeForeignFile, KIND_BYTES } from './foreign-file.ts';
import type { Message } from './message.ts';
import type { ModelProto } from './messages.ts';
import { modelOutlineScan } from './outline-scan.ts';
import { type ModelOutline, modelOutlineMessage } from './outline-schema.ts';
import { PartWriter } from './part-writer.ts';
import { type Scan, Scanner } from './scan.ts';
import { hollowModelScan, modelMessage } from './schema.ts';
import { Source } from './source.ts';

/** protobuf's own limit for one message, held by every reader. */
export const MAX_MODEL_BYTES: number = 0x7fff_ffff;

/**
 * The bytes of a model as parts, to be written one after another: long ones are views of the model's
 * own arrays, so that the weights are not copied.
 *
 * The same model gives the same bytes, and the bytes that protobuf's own libraries give.
 *
 * @throws AlexNetError `UNSUPPORTED` above 2 GiB.
 */
export function encodeModelParts(model: ModelProto): Uint8Array[] {
  const sink = new PartWriter();
  encodeFields(sink, modelMessage, model);
  if (sink.byteLength > MAX_MODEL_BYTES) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `The model takes ${sink.byteLength} bytes, but an ONNX file ends at ${MAX_MODEL_BYTES}.`,
      hint: 'Use fewer classes or a smaller input size.',
    });
  }
  return sink.finish();
}

/** As {@link encodeModelParts}, in one array. */
export function encodeModel(model: ModelProto): Uint8Array {
  return joinParts(encodeModelParts(model));
}

export function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export interface DecodeOptions {
  /**
   * Whether the bytes may be changed, because nothing else reads them: long values that begin at no multiple of four
   * are then moved by one to three bytes, over their own length, so that floats are views and no copies.
   */
  readonly ownsBytes?: boolean;
}

/**
 * Reads an ONNX file. `rawData` of tensors and `s` of attributes are views of `bytes`.
 *
 * What the bytes say is checked against their length before anything is allocated. What the graph says
 * is not checked here.
 *
 * @throws AlexNetError `INVALID_MODEL`, naming what is wrong and where.
 */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): ModelProto {
  return decodeMessage(bytes, modelMessage, options);
}

/** As {@link decodeModel}, but nodes and weights are passed over. */
export function decodeModelOutline(bytes: Uint8Array): ModelOutline {
  return decodeMessage(bytes, modelOutlineMessage);
}

/** As {@link decodeModel}, of a file as what the type says of it. */
export function decodeMessage<M>(
  bytes: Uint8Array,
  type: Message<M>,
  options: DecodeOptions = {},
): M {
  checkKind(bytes);
  return decode(new Source(bytes, options), type);
}

/** As {@link decodeModelOutline}, and what is passed over is not even read. */
export function readModelOutline(source: ByteSource): Promise<ModelOutline> {
  return readScanned(source, modelOutlineMessage, modelOutlineScan);
}

/** As {@link decodeModel}, but the values of large weights are not read: those tensors have none. */
export function readHollowModel(source: ByteSource): Promise<ModelProto> {
  return readScanned(source, modelMessage, hollowModelScan);
}

async function readScanned<M>(source: ByteSource, type: Message<M>, scan: Scan): Promise<M> {
  const { byteLength } = source;
  checkKind(await source.read(0, Math.min(byteLength, KIND_BYTES)));
  const scanner = new Scanner(source);
  let part: Uint8Array;
  try {
    part = await scanner.scan(scan, byteLength);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw unreadable([], `, at byte ${scanner.position} of ${byteLength}`, cause);
  }
  return decode(new Source(part), type, { isWhole: false });
}

function checkKind(bytes: Uint8Array): void {
  const foreign = describeForeignFile(bytes);
  if (!foreign) return;
  throw new AlexNetError('INVALID_MODEL', {
    message: `This is not an ONNX model but ${foreign.kind}.`,
    hint: foreign.hint,
  });
}

/** @param options.isWhole - whether places in the bytes are places in the file */
function decode<M>(source: Source, type: Message<M>, { isWhole = true } = {}): M {
  try {
    return decodeUntilEnd(source, type);
  } catch (cause) {
    const { path, reader } = source;
    const position = isWhole ? `, at byte ${reader.position} of ${reader.bytes.length}` : '';
    throw unreadable(path, position, cause);
  }
}

function unreadable(path: readonly string[], position: string, cause: unknown): AlexNetError {
  const place = path.length === 0 ? 'the model' : path.join('.');
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AlexNetError('INVALID_MODEL', {
    message: `This is not a readable ONNX model: ${place}${position}: ${reason}.`,
    hint: 'The file is damaged, cut short, or of another kind. Compare its size with the original.',
    path: [...path].reverse(),
    cause,
  });
}
