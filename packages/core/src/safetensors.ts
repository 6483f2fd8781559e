import { AlexNetError } from './errors.ts';
import { readJson } from './read-json.ts';
import { formatShape, type Shape, sizeOf, type Tensor } from './tensor.ts';

/** Longest header that is read; safetensors' own limit. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
/** Tensors start at a multiple of this, so that they can be read in place. */
const ALIGNMENT = 8;

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes float32 tensors in safetensors' format, as parts to be written one after another: a header, then
 * views of the tensors, nothing copied.
 *
 * @see huggingface/safetensors README, "Format"
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): readonly Uint8Array[] {
  // A map, not an object literal: tensor names are free, "__proto__" included.
  const header = new Map<string, unknown>([['__metadata__', metadata]]);
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header.set(name, { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] });
    offset += data.byteLength;
  }
  const fields = [...header].map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const padded = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const head = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(json, LENGTH_BYTES);
  const views = [...tensors.values()].map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  return [head, ...views];
}

/**
 * Reads a safetensors file of float32 tensors. Tensors are views of `bytes` where it is aligned to four
 * bytes, copies elsewhere.
 *
 * @throws {@link AlexNetError} `INVALID_CHECKPOINT`: cut short, a header that lies about sizes,
 *   overlapping or gapped tensors, another dtype
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, body } = readHeader(bytes);
  const tensors = new Map<string, Tensor>();
  const metadata: Record<string, string> = Object.create(null);
  const extents: { name: string; begin: number; end: number }[] = [];
  for (const [name, entry] of header.entries()) {
    if (name === '__metadata__') {
      for (const [key, value] of entry.entries()) metadata[key] = value.string();
      continue;
    }
    entry.field('dtype').oneOf(['F32']);
    const shape: Shape = entry
      .field('shape')
      .items()
      .map((length) => length.integer());
    const [begin = 0, end = 0] = entry.field('data_offsets').integers(2);
    if (end - begin !== sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT || end > body.length) {
      throw invalid(
        `tensor "${name}" of shape ${formatShape(shape)} needs ${sizeOf(shape) * 4} bytes, but is said to lie at ${begin}–${end} of ${body.length}`,
      );
    }
    extents.push({ name, begin, end });
    tensors.set(name, { shape, data: viewFloats(body.subarray(begin, end)) });
  }
  checkExtents(extents, body.length);
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array) {
  if (bytes.length < LENGTH_BYTES) throw invalid(`it has only ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || LENGTH_BYTES + length > bytes.length) {
    throw invalid(`its header claims ${length} bytes of a file of ${bytes.length}`);
  }
  let json: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(
      bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length),
    );
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid('its header is not JSON', cause);
  }
  return {
    header: readJson(json, { code: 'INVALID_CHECKPOINT', what: 'The safetensors header' }),
    body: bytes.subarray(LENGTH_BYTES + length),
  };
}

/** Tensors must fill the body exactly: no overlap, no gap, nothing behind them. */
function checkExtents(
  extents: readonly { name: string; begin: number; end: number }[],
  bodyBytes: number,
): void {
  const sorted = [...extents].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let offset = 0;
  for (const { name, begin, end } of sorted) {
    if (begin !== offset)
      throw invalid(`tensor "${name}" starts at ${begin}, but ${offset} is next`);
    offset = end;
  }
  if (offset !== bodyBytes) throw invalid(`its tensors end at ${offset} of ${bodyBytes} bytes`);
}

function viewFloats(bytes: Uint8Array): Float32Array {
  const aligned =
    bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new Float32Array(
    aligned.buffer,
    aligned.byteOffset,
    aligned.byteLength / Float32Array.BYTES_PER_ELEMENT,
  );
}

function invalid(reason: string, cause?: unknown): AlexNetError {
  return new AlexNetError('INVALID_CHECKPOINT', {
    message: `This is no complete safetensors file: ${reason}.`,
    hint: 'The file may have been cut short or altered; take an older checkpoint, or copy it again.',
    cause,
  });
}
