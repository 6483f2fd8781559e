/** What a file is that is no ONNX model, and what to do with it. */
export interface ForeignFile {
  /** With its article: `a PNG picture`. */
  readonly kind: string;
  readonly hint: string;
}

interface Signature extends ForeignFile {
  /** A character for each byte. */
  readonly start: string;
  /** 0 unless given. */
  readonly offset?: number;
}

const EXPORT_FIRST = 'Export the network to ONNX first, with the program that wrote the file.';
const GIVE_MODEL = 'Give the path of a model.onnx.';

const SIGNATURES: readonly Signature[] = [
  { start: '\xff\xd8\xff', kind: 'a JPEG picture', hint: GIVE_MODEL },
  { start: '\x89PNG', kind: 'a PNG picture', hint: GIVE_MODEL },
  { start: 'GIF8', kind: 'a GIF picture', hint: GIVE_MODEL },
  { start: 'RIFF', kind: 'a RIFF file (WebP)', hint: GIVE_MODEL },
  { start: 'PK\x03\x04', kind: 'a zip file (.pth, .npz or .keras are such)', hint: EXPORT_FIRST },
  { start: '\x1f\x8b', kind: 'a gzip file', hint: 'Unpack it with gunzip.' },
  { start: '\x89HDF', kind: 'an HDF5 file (.h5)', hint: EXPORT_FIRST },
  { start: '\x93NUM', kind: 'a NumPy file', hint: EXPORT_FIRST },
  { start: '\x80\x02', kind: 'a Python pickle (an old .pth)', hint: EXPORT_FIRST },
  // Eight bytes of header length, then JSON.
  { start: '\0\0{', offset: 6, kind: 'a safetensors file', hint: EXPORT_FIRST },
];

const GIT_LFS_START = 'version https://git-lfs';
/** What of a file has to be seen for that. */
export const KIND_BYTES = 64;

/** Knows by its first bytes what people give in place of an ONNX model; undefined for anything else. */
export function describeForeignFile(bytes: Uint8Array): ForeignFile | undefined {
  if (bytes.length === 0) return { kind: 'an empty file', hint: 'Write or download it again.' };
  const sample = bytes.subarray(0, KIND_BYTES);
  const text = String.fromCharCode(...sample);
  const known = SIGNATURES.find(({ start, offset }) => text.startsWith(start, offset));
  if (known) return known;
  // An ONNX model starts with its version, a small number: bytes that no text holds.
  if (!sample.every(isTextByte)) return undefined;
  if (text.startsWith(GIT_LFS_START)) {
    return { kind: 'a Git LFS pointer to one', hint: 'Fetch the file itself: git lfs pull' };
  }
  return { kind: 'a text', hint: GIVE_MODEL };
}

function isTextByte(byte: number): boolean {
  return byte >= 0x20 ? byte !== 0x7f : byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
