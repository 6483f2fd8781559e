export { toFileError } from './file-error.ts';
export { readOnnxFile, type WrittenFile, writeOnnxFile } from './onnx-file.ts';
export { type ReadFileOptions, readFileBytes } from './read-file-bytes.ts';
export { writeFileAtomic } from './write-file-atomic.ts';
