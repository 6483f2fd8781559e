import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** Of our own JavaScript, minified and gzipped. */
const MAX_BYTES = 30_000;
/** What others wrote: a page loads 24 kB of onnxruntime's script for WASM, and 0.6 kB of p-limit. */
const OTHERS = ['onnxruntime-web', 'onnxruntime-web/*', 'p-limit'];

async function bundleForBrowsers(code: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    external: OTHERS,
    write: false,
    logLevel: 'silent',
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error('esbuild made no file.');
  return output.contents;
}

test.each(['@alexnet/runtime-web', '@alexnet/runtime-web/worker'])(
  '%s is small, and needs no module of Node',
  async (entry) => {
    const bytes = await bundleForBrowsers(`export * from '${entry}';`);
    const code = new TextDecoder().decode(bytes);
    expect(code).toContain('onnxruntime-web/wasm');
    expect(code).not.toMatch(/\brequire\(|from\s*["']node:|\bprocess\./);
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThanOrEqual(MAX_BYTES);
  },
);

test('what needs Node is refused, so that nothing of it was passed over', async () => {
  await expect(bundleForBrowsers("export * from '@alexnet/data/node';")).rejects.toThrow(
    /Could not resolve "node:/,
  );
});
