import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * One ES module for browsers, with the built packages that it imports.
 *
 * @param code - the module's text: `export { decodePicture } from '@alexnet/data/web'`; relative
 *   imports start from this folder
 * @throws Error with esbuild's messages, if it needs something that no browser has
 */
export async function bundle(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: code,
      loader: 'ts',
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    write: false,
    logLevel: 'silent',
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error('esbuild made no file.');
  return output.text;
}
