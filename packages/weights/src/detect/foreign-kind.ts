/** What people give in place of a weight file, known by its first bytes. */
export interface ForeignKind {
  readonly kind: string;
  readonly hint: string;
}

interface Signature extends ForeignKind {
  readonly start: readonly number[] | string;
  /** 0 unless given. */
  readonly offset?: number;
}

const UNPACK = 'Unpack it, and give the weight file that is in it.';
const PICTURE = 'Give the file with the weights; pictures are for predict and eval.';
const EXPORT =
  'Save the weights in a format that others read too: safetensors, ONNX, .npz or a PyTorch state dict.';

const SIGNATURES: readonly Signature[] = [
  { start: [0xff, 0xd8, 0xff], kind: 'a JPEG picture', hint: PICTURE },
  { start: [0x89, 0x50, 0x4e, 0x47, 0x0d], kind: 'a PNG picture', hint: PICTURE },
  { start: 'GIF8', kind: 'a GIF picture', hint: PICTURE },
  { start: 'RIFF', kind: 'a RIFF file (WebP, WAV)', hint: PICTURE },
  { start: 'BM', kind: 'a BMP picture', hint: PICTURE },
  { start: [0x49, 0x49, 0x2a, 0x00], kind: 'a TIFF picture', hint: PICTURE },
  { start: [0x4d, 0x4d, 0x00, 0x2a], kind: 'a TIFF picture', hint: PICTURE },
  { start: '%PDF', kind: 'a PDF document', hint: 'Give the file with the weights.' },
  { start: [0x1f, 0x8b], kind: 'a gzip file', hint: `${UNPACK} For a .tar.gz: tar -xzf FILE` },
  { start: 'BZh', kind: 'a bzip2 file', hint: UNPACK },
  { start: [0xfd, 0x37, 0x7a, 0x58, 0x5a], kind: 'an xz file', hint: UNPACK },
  { start: [0x28, 0xb5, 0x2f, 0xfd], kind: 'a zstd file', hint: UNPACK },
  { start: [0x37, 0x7a, 0xbc, 0xaf], kind: 'a 7z archive', hint: UNPACK },
  { start: 'Rar!', kind: 'a RAR archive', hint: UNPACK },
  { start: 'ustar', offset: 257, kind: 'a tar archive', hint: `${UNPACK} tar -xf FILE` },
  {
    start: 'GGUF',
    kind: 'a GGUF file of a language model',
    hint: 'An AlexNet is not kept in that format.',
  },
  { start: 'TFL3', offset: 4, kind: 'a TensorFlow Lite model', hint: EXPORT },
  { start: 'MATLAB 5.0', kind: 'a MATLAB file (MatConvNet)', hint: EXPORT },
  {
    start: [0x12, 1, 0, 0, 0, 0, 0, 0],
    kind: 'an MXNet parameter file',
    hint: 'Export it to ONNX: mx.onnx.export_model',
  },
  {
    start: [0x7f, 0x45, 0x4c, 0x46],
    kind: 'a program (ELF)',
    hint: 'Give the file with the weights.',
  },
  { start: 'MZ', kind: 'a program for Windows', hint: 'Give the file with the weights.' },
];

const TEXT_SAMPLE = 512;
const PROTOTXT =
  /^\s*(?:#[^\n]*\n\s*)*(?:name|layers?|input|input_dim|net|force_backward|state)\s*[:{]/;

/** What the bytes seem to be that are no weight file; undefined for anything else. */
export function describeForeignKind(bytes: Uint8Array): ForeignKind | undefined {
  if (bytes.length === 0) {
    return { kind: 'an empty file', hint: 'The download or the copy failed: fetch it again.' };
  }
  const known = SIGNATURES.find(({ start, offset = 0 }) => hasBytes(bytes, start, offset));
  if (known) return known;
  if (bytes.subarray(0, TEXT_SAMPLE).every((byte) => byte === 0)) {
    return { kind: 'a file of zeros', hint: 'The download was cut: fetch it again.' };
  }
  return describeText(bytes);
}

function describeText(bytes: Uint8Array): ForeignKind | undefined {
  const text = decodeText(bytes.subarray(0, TEXT_SAMPLE));
  if (text === undefined) return undefined;
  if (text.startsWith('version https://git-lfs')) {
    return {
      kind: 'a Git LFS pointer, not the file itself',
      hint: 'Fetch the file: git lfs pull. On a page, take the link "download" or "raw".',
    };
  }
  if (/^\s*<(?:!doctype\s+html|html|head|body|\?xml[^>]*>\s*<!doctype html)/i.test(text)) {
    return {
      kind: 'an HTML page, not the file itself',
      hint: 'A page came in place of the download: a log-in, a warning, or the page about the file. Fetch the file itself.',
    };
  }
  if (/^\s*<(?:\?xml|svg)/i.test(text)) {
    return { kind: 'an XML file', hint: 'Is it the answer of a server? Fetch the file itself.' };
  }
  if (/^\s*model_checkpoint_path\s*:/.test(text)) {
    return {
      kind: "TensorFlow's list of checkpoints",
      hint: 'Give the .index file of one of them: model.ckpt.index',
    };
  }
  if (PROTOTXT.test(text)) {
    return {
      kind: "a network of Caffe's without weights (prototxt)",
      hint: 'Give the .caffemodel, and this one with --prototxt.',
    };
  }
  return { kind: 'a text', hint: 'Give the file with the weights.' };
}

/** Undefined for bytes that are no UTF-8, or that hold control characters. */
function decodeText(sample: Uint8Array): string | undefined {
  // The sample may end within a character.
  const cut =
    sample.length < TEXT_SAMPLE ? 0 : (sample.toReversed().findIndex(isFirstByte) + 1) % 5;
  try {
    const whole = sample.subarray(0, sample.length - cut);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(whole);
    return /[^\P{Cc}\t\n\r\f]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Of a character; the others continue one. */
function isFirstByte(byte: number): boolean {
  return (byte & 0xc0) !== 0x80;
}

/** Whether these bytes stand at this place. */
export function hasBytes(
  bytes: Uint8Array,
  expected: readonly number[] | string,
  offset = 0,
): boolean {
  const codes =
    typeof expected === 'string'
      ? Array.from(expected, (letter) => letter.charCodeAt(0))
      : expected;
  return codes.every((byte, index) => bytes[offset + index] === byte);
}
