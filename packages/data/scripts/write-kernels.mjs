// Assembles src/node/simd/kernels.wat and writes it, as text that a module can hold, to kernels-module.ts beside it.
// Usage, after a change of kernels.wat: node packages/data/scripts/write-kernels.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import loadWabt from 'wabt';

const folder = fileURLToPath(new URL('../src/node/simd/', import.meta.url));
const wabt = await loadWabt();
const module = wabt.parseWat('kernels.wat', readFileSync(`${folder}kernels.wat`, 'utf8'), {
  simd: true,
  threads: true,
});
// Validated by who runs it: wabt does not know of shared memory there.
const lines = Buffer.from(module.toBinary({}).buffer)
  .toString('base64')
  .match(/.{1,90}/g);
const text = `/** kernels.wat, assembled by scripts/write-kernels.mjs. */
export const KERNELS_BASE64: string = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
writeFileSync(`${folder}kernels-module.ts`, text);
