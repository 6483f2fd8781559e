import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const PUBLIC = fileURLToPath(new URL('public', import.meta.url));
const PAGE = fileURLToPath(new URL('index.html', import.meta.url));
/** What a page must send to share memory with its workers; `pnpm web` does. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
/** The machine's load is no fault of the build. */
const QUIET = { bundlerTimings: false };
/** Kept when somebody first runs on WebGPU, not before: they are larger than all the rest. */
const LARGE = /\.(?:asyncify|jsep|jspi)[^/]*\.wasm$/;

/** Files that are copied as they are. */
function listPublicFiles(): readonly string[] {
  return readdirSync(PUBLIC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(PUBLIC, join(parentPath, name)).replaceAll('\\', '/'));
}

/** Tells the service worker what the page consists of. */
function listFilesForOffline(): Plugin {
  return {
    name: 'alexnet-offline-files',
    generateBundle(_options, bundle) {
      const worker = bundle['offline.js'];
      if (worker?.type !== 'chunk') this.error('The bundle has no offline.js.');
      const made = Object.keys(bundle).filter(
        (file) => /^assets\//.test(file) && !LARGE.test(file),
      );
      const copied = listPublicFiles();
      const files = ['index.html', ...made, ...copied].sort();
      // What is made has its content in its name.
      const hash = createHash('sha256').update(files.join('\n')).update(readFileSync(PAGE));
      for (const file of copied) hash.update(readFileSync(join(PUBLIC, file)));
      worker.code = worker.code
        .replace('["FILES"]', JSON.stringify(files))
        .replace('VERSION', hash.digest('hex').slice(0, 16));
    },
  };
}

const config = defineConfig({
  // Works in any folder of a static host.
  base: './',
  publicDir: PUBLIC,
  plugins: [listFilesForOffline()],
  worker: { format: 'es', rolldownOptions: { checks: QUIET } },
  build: {
    target: 'es2023',
    // Everything is a file of its own, so that the page's security policy can do without `data:`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: QUIET,
      input: { page: 'index.html', offline: 'src/offline/service-worker.ts' },
      output: {
        entryFileNames: ({ name }) =>
          name === 'offline' ? 'offline.js' : 'assets/[name]-[hash].js',
      },
    },
  },
  preview: { host: '127.0.0.1', headers: ISOLATION },
});

export { config as default };
