import { defineConfig } from 'vitest/config';

/** A test file's suffix and place say what it needs, and with that the project it runs in. */
const shared = {
  setupFiles: ['./tests/setup.ts'],
  // Node loads built packages as they are: vite would transform each of their modules once more.
  server: { deps: { external: [/\/(packages|apps)\/[^/]+\/dist\//] } },
};
const architecture = ['tests/architecture.test.ts', 'tests/boundaries.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        // Needs nothing but the sources: runs before the build.
        test: { ...shared, name: 'architecture', include: architecture, testTimeout: 30_000 },
      },
      {
        test: {
          ...shared,
          name: 'unit',
          // Modules have no state of their own: files can share a process, which saves loading them anew.
          isolate: false,
          maxWorkers: 2,
          // Of the machine, not of the tests: it may have other work.
          testTimeout: 30_000,
          hookTimeout: 30_000,
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
          exclude: [
            ...architecture,
            '**/*.{parity,package,browser,gpu}.test.ts',
            '**/node_modules/**',
          ],
        },
      },
      {
        test: {
          ...shared,
          name: 'parity',
          include: ['tests/**/*.parity.test.ts', 'bench/**/*.parity.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...shared,
          name: 'browser',
          include: ['tests/**/*.browser.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 60_000 } },
          // A page on a software GPU has both cores busy.
          maxWorkers: 1,
        },
      },
      {
        test: {
          ...shared,
          name: 'package',
          include: ['tests/**/*.package.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
