export { findExternalFolder } from './external-files.ts';
export { toFileError } from './file-error.ts';
export {
  type ImportedNetwork,
  readOnnxFile,
  readOnnxFileMetadata,
  readOnnxNetwork,
  type WriteOnnxOptions,
  writeOnnxFile,
} from './onnx-file.ts';
export { type ReadFileOptions, readFileBytes } from './read-file-bytes.ts';
export { type ByteHash, type WriteFileOptions, writeFileAtomic } from './write-file-atomic.ts';
export type { WrittenFile } from './write-sharded.ts';
