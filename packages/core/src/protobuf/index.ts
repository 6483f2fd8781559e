export { decodeFloat, encodeFloat } from './float.ts';
export { WireReader } from './wire-reader.ts';
export { WireType } from './wire-type.ts';
export { WireWriter } from './wire-writer.ts';
