import type { Crc32 } from '../crc32.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { readSafetensorsHeader, type SafetensorsBlame } from './safetensors-header.ts';
import { addSums, checkSums } from './safetensors-sums.ts';

export {
  readSafetensorsHeader,
  SAFETENSORS_TYPES,
  type SafetensorsBlame,
  type SafetensorsEntry,
  type SafetensorsHeader,
  type SafetensorsType,
} from './safetensors-header.ts';
export { checkSums } from './safetensors-sums.ts';

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
  return [encodeHeader(describe(tensors), metadata), ...viewBytes(tensors)];
}

/** A safetensors file with checksums, which are known when its tensors have been gone through. */
export interface SummedSafetensors {
  /** Views of the tensors, nothing copied. */
  readonly views: readonly Uint8Array[];
  /**
   * What comes before them: as many bytes whatever the sums are.
   *
   * @param sums - CRC-32 of each view
   */
  encodeHeader(sums: readonly number[]): Uint8Array;
}

/**
 * Writes float32 tensors in safetensors' format, with checksums of each and of the header under `alexnet.crc32` in the
 * metadata: {@link decodeSafetensors} checks them, and other programs read the file as any.
 */
export function encodeSummed(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): SummedSafetensors {
  const described = describe(tensors);
  return {
    views: viewBytes(tensors),
    encodeHeader: (sums) => encodeHeader(described, addSums(metadata, described, sums)),
  };
}

interface Described {
  readonly name: string;
  readonly dtype: 'F32';
  readonly shape: Shape;
  readonly sizeBytes: number;
}

function describe(tensors: ReadonlyMap<string, Tensor>): readonly Described[] {
  return [...tensors].map(([name, { shape, data }]) => {
    return { name, dtype: 'F32', shape, sizeBytes: data.byteLength };
  });
}

function viewBytes(tensors: ReadonlyMap<string, Tensor>): readonly Uint8Array[] {
  return [...tensors.values()].map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
}

function encodeHeader(
  described: readonly Described[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  // A map, not an object literal: tensor names are free, "__proto__" included.
  const header = new Map<string, unknown>([['__metadata__', metadata]]);
  let offset = 0;
  for (const { name, dtype, shape, sizeBytes } of described) {
    header.set(name, { dtype, shape, data_offsets: [offset, offset + sizeBytes] });
    offset += sizeBytes;
  }
  const fields = [...header].map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const padded = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}

export interface DecodeSafetensorsOptions {
  /** What computes checksums; core's own unless given. */
  readonly crc32?: Crc32;
}

/**
 * Reads a safetensors file of float32 tensors, and holds it against the checksums that it may have. Tensors are views
 * of `bytes` where it is aligned to four bytes, copies elsewhere.
 *
 * @throws {@link AlexNetError} `INVALID_CHECKPOINT`: cut short, a header that lies about sizes,
 *   overlapping or gapped tensors, a name that is there twice, another dtype; the tensor or the header whose bytes
 *   are not those of its checksum
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  { crc32 }: DecodeSafetensorsOptions = {},
): SafetensorsFile {
  const blame: SafetensorsBlame = {
    code: 'INVALID_CHECKPOINT',
    hint: 'The file may have been cut short or altered; take an older checkpoint, or copy it again.',
    types: ['F32'],
  };
  const header = readSafetensorsHeader(bytes, blame);
  checkSums(header, blame, crc32);
  const { entries, metadata } = header;
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
