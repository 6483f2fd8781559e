import type { Tensor } from '../tensor.ts';
import { readSafetensorsHeader } from './safetensors-header.ts';

export {
  readSafetensorsHeader,
  SAFETENSORS_TYPES,
  type SafetensorsBlame,
  type SafetensorsEntry,
  type SafetensorsHeader,
  type SafetensorsType,
} from './safetensors-header.ts';

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
 *   overlapping or gapped tensors, a name that is there twice, another dtype
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { entries, metadata } = readSafetensorsHeader(bytes, {
    code: 'INVALID_CHECKPOINT',
    hint: 'The file may have been cut short or altered; take an older checkpoint, or copy it again.',
    types: ['F32'],
  });
  const tensors = new Map(
    entries.map(({ name, shape, bytes: values }) => [name, { shape, data: viewFloats(values) }]),
  );
  return { tensors, metadata };
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
