/** First bytes of files that people hand over instead of a model, and what those files are. */
const SIGNATURES: readonly (readonly [what: string, bytes: readonly number[]])[] = [
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a GIF picture', [0x47, 0x49, 0x46, 0x38]],
  ['a RIFF file (a WebP picture?)', [0x52, 0x49, 0x46, 0x46]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a zip archive (a PyTorch checkpoint?)', [0x50, 0x4b, 0x03, 0x04]],
  ['an HDF5 file (a Keras model?)', [0x89, 0x48, 0x44, 0x46]],
  ['a Python pickle', [0x80, 0x02]],
  ['a Git LFS pointer', Array.from('version https://git-lfs', (letter) => letter.charCodeAt(0))],
];

/**
 * What a file that is not a model seems to be, for the error message; `undefined` if it may be one.
 */
export function identifyForeignFile(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'an empty file';
  const found = SIGNATURES.find(([, signature]) =>
    signature.every((byte, index) => bytes[index] === byte),
  );
  if (found) return found[0];
  if (isSafetensors(bytes)) return 'a safetensors file';
  // The first byte of an ONNX model is the tag of its ir_version, 8: no letter.
  return isText(bytes.subarray(0, 64)) ? 'a text file' : undefined;
}

/** Eight bytes of header length, then JSON. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0;
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
