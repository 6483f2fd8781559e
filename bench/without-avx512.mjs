// Makes the onnxruntime-node of another checkout compute as on a processor without AVX-512: matrix products and
// convolutions take their AVX2 kernels, and blocks of channels are 8 wide. For measuring; that checkout is of no other
// use afterwards. On x64 Linux; finds the one place of onnxruntime 1.30.0 that asks for AVX-512, or says that it cannot.
// Usage: node bench/without-avx512.mjs CHECKOUT
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const LIBRARY = 'bin/napi-v6/linux/x64/libonnxruntime.so.1';
/** Does the system keep all of AVX-512's registers? test al, 0xe0; then a jump, by four bytes of distance, if so. */
const QUESTION = Buffer.from('a8e00f84', 'hex');
const TEST_BYTES = 2;
const JUMP_BYTES = 6;
const NO_OPERATION = 0x90;

const [checkout] = process.argv.slice(2);
if (checkout === undefined) {
  console.error('error: Which checkout? Not this one.');
  process.exit(2);
}
const { resolve } = createRequire(join(checkout, 'packages/train/package.json'));
const file = join(dirname(resolve('onnxruntime-node/package.json')), LIBRARY);
const bytes = readFileSync(file);
const at = bytes.indexOf(QUESTION);
if (at < 0 || bytes.includes(QUESTION, at + 1)) {
  console.error(`error: ${file} asks for AVX-512 elsewhere, or does not any more.`);
  process.exit(1);
}
bytes.fill(NO_OPERATION, at + TEST_BYTES, at + TEST_BYTES + JUMP_BYTES);
// Removed first: a package manager links one file into many checkouts.
rmSync(file);
writeFileSync(file, bytes);
