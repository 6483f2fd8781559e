import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';

// The configurations of turbo and Biome are checked here as they stand in the repository: a small
// tree with the same manifests gets violations planted, and each must be reported.

const repository = fileURLToPath(new URL('..', import.meta.url));
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

type Files = Readonly<Record<string, string>>;

function makeTree(copied: readonly string[], files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'boundaries-'));
  folders.push(root);
  for (const path of copied) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(join(repository, path), join(root, path));
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Runs a script with this Node: exit code and everything that it printed. */
async function runNode(args: readonly string[], cwd: string): Promise<[number, string]> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd, env });
    return [0, stdout + stderr];
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return [code, stdout + stderr];
  }
}

describe('turbo boundaries', () => {
  const top = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', 'turbo.json'];
  const workspaces = [
    ...readdirSync(join(repository, 'packages')).map((name) => `packages/${name}`),
    ...readdirSync(join(repository, 'apps')).map((name) => `apps/${name}`),
    'tests',
    'bench',
    'examples',
  ].filter((folder) => existsSync(join(repository, folder, 'package.json')));
  const manifests = workspaces.flatMap((folder) =>
    ['package.json', 'turbo.json'].map((name) => `${folder}/${name}`),
  );
  const clean = {
    'packages/core/src/a.ts': 'export const a = 1;\n',
    'packages/export/src/b.ts': `import { a } from '@alexnet/core';\nexport const b = a;\n`,
  };

  async function check(files: Files, copied = [...top, ...manifests]): Promise<[number, string]> {
    const root = makeTree(copied, { ...clean, ...files });
    return await runNode(['scripts/boundaries.mjs', root], repository);
  }

  function withDependency(workspace: string, name: string): Files {
    const path = `${workspace}/package.json`;
    const manifest = JSON.parse(readFileSync(join(repository, path), 'utf8'));
    const dependencies = { ...manifest.dependencies, [name]: 'workspace:^' };
    return { [path]: JSON.stringify({ ...manifest, dependencies }) };
  }

  test('passes a clean tree and says how much it saw', async () => {
    const [code, output] = await check({});
    expect(output).toContain(`Checked 2 files in ${workspaces.length} packages, no issues found`);
    expect(code).toBe(0);
  });

  test.each([
    [
      'a dependency against the direction',
      withDependency('packages/data', '@alexnet/export'),
      'Package `@alexnet/export` found without any tag listed in allowlist for',
    ],
    [
      'a dependency of core',
      withDependency('packages/core', '@alexnet/data'),
      'Package `@alexnet/data` found without any tag listed in allowlist for',
    ],
    [
      'a package that depends on the command',
      withDependency('packages/train', 'alexnet'),
      'Package `@alexnet/train` found without any tag listed in allowlist for',
    ],
    [
      'something that depends on the tests',
      withDependency('bench', '@alexnet/tests'),
      'Package `@alexnet/bench` found without any tag listed in allowlist for',
    ],
    [
      'an import of a package that is not declared',
      { 'packages/data/src/x.ts': `import '@alexnet/export';\n` },
      'cannot import package `@alexnet/export` because it is not a dependency',
    ],
    [
      'an import that leaves its package',
      { 'packages/data/src/x.ts': `import '../../core/src/a.ts';\n` },
      'import `../../core/src/a.ts` leaves the package',
    ],
  ])('reports %s', async (_name, files, message) => {
    const [code, output] = await check(files);
    expect(output).toContain(message);
    expect(code).toBe(1);
  });

  test('fails where it sees no package, and where a package has no tag', async () => {
    expect(await check({}, top)).toEqual([
      1,
      expect.stringContaining('0 files in 0 of 0 packages'),
    ]);
    const untagged = [...top, ...manifests.filter((path) => path !== 'packages/data/turbo.json')];
    expect(await check({}, untagged)).toEqual([
      1,
      expect.stringContaining('No boundary holds for packages/data'),
    ]);
  });
});

describe('Biome', () => {
  const biome = join(repository, 'node_modules/@biomejs/biome/bin/biome');

  /** The errors as `path: rule`. */
  async function lint(files: Files): Promise<readonly string[]> {
    const root = makeTree(['biome.json', '.gitignore'], files);
    const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'];
    const [, output] = await runNode(args, root);
    const start = output.indexOf('{"summary"');
    if (start === -1) throw new Error(`Biome wrote no report:\n${output}`);
    const report: { diagnostics: { category: string; location: { path: string } }[] } = JSON.parse(
      output.slice(start).split('\n')[0] ?? '',
    );
    return report.diagnostics
      .map(({ category, location }) => `${location.path}: ${category.split('/').pop()}`)
      .sort();
  }

  test('reports imports against the direction, past a gate, and of Node in neutral code', async () => {
    const found = await lint({
      'packages/core/src/a.ts': `import type { T } from '@alexnet/export';\nexport type A = T;\n`,
      'packages/export/src/a.ts': `import { T } from '@alexnet/data/node';\nexport const A = T;\n`,
      'packages/autodiff/src/a.ts': `export { T } from '@alexnet/data';\n`,
      'packages/data/src/a.ts': `export { T } from '@alexnet/export';\n`,
      'packages/data/src/node/a.ts': `export const sharp = import('sharp');\n`,
      'packages/draw/src/a.ts': `export { T } from '@alexnet/export';\n`,
      'packages/draw/src/b.ts': `export const viz = import('@viz-js/viz');\n`,
      'packages/draw/src/node/a.ts': `export const resvg = import('@resvg/resvg-wasm');\n`,
      'packages/weights/src/a.ts': `export { T } from '@alexnet/train';\n`,
      'packages/weights/src/node/a.ts': `export const http = import('undici');\n`,
      'packages/train/src/a.ts': `export { T } from '@alexnet/runtime';\n`,
      'packages/train/src/node/a.ts': `export const ort = import('onnxruntime-node');\n`,
      'packages/runtime/src/a.ts': `import { readFileSync } from 'node:fs';\nreadFileSync('a');\n`,
      'packages/runtime-node/src/a.ts': `export { T } from '@alexnet/train';\n`,
      'packages/runtime-node/src/b.ts': `export { T } from 'alexnet';\n`,
      'packages/runtime-node/src/c.ts': `export { env } from 'onnxruntime-node';\n`,
      'packages/runtime-web/src/a.ts': `export { T } from '@alexnet/export';\n`,
      'packages/runtime-web/src/b.ts': `import { join } from 'node:path';\njoin('a');\n`,
      'packages/runtime-web/src/c.ts': `export const ort = import('onnxruntime-web/wasm');\n`,
    });
    expect(found).toEqual([
      'packages/autodiff/src/a.ts: noRestrictedImports',
      'packages/core/src/a.ts: noRestrictedImports',
      'packages/data/src/a.ts: noRestrictedImports',
      'packages/data/src/node/a.ts: noRestrictedImports',
      'packages/draw/src/a.ts: noRestrictedImports',
      'packages/draw/src/b.ts: noRestrictedImports',
      'packages/draw/src/node/a.ts: noRestrictedImports',
      'packages/export/src/a.ts: noRestrictedImports',
      'packages/runtime-node/src/a.ts: noRestrictedImports',
      'packages/runtime-node/src/b.ts: noRestrictedImports',
      'packages/runtime-node/src/c.ts: noRestrictedImports',
      'packages/runtime-web/src/a.ts: noRestrictedImports',
      'packages/runtime-web/src/b.ts: noNodejsModules',
      'packages/runtime-web/src/c.ts: noRestrictedImports',
      'packages/runtime/src/a.ts: noNodejsModules',
      'packages/train/src/a.ts: noRestrictedImports',
      'packages/train/src/node/a.ts: noRestrictedImports',
      'packages/weights/src/a.ts: noRestrictedImports',
      'packages/weights/src/node/a.ts: noRestrictedImports',
    ]);
  });

  test('reports what the style does not allow', async () => {
    const found = await lint({
      'packages/core/src/a.ts': 'export const a: any = 1;\n',
      'packages/core/src/b.ts': 'export const b = (x?: number): number => x!;\n',
      'packages/core/src/c.ts': 'export default 1;\n',
      'packages/core/src/d.ts': `console.log('d');\n`,
      'packages/core/src/e.ts': 'export enum E {\n  A,\n}\n',
      'packages/core/src/camelCase.ts': 'export const f = 1;\n',
      'packages/core/src/g.ts': `export { f } from './camelCase';\n`,
      'packages/core/src/h.ts': 'export const h = process.env;\n',
      'packages/core/src/i.ts': `export * from './e.ts';\n`,
    });
    expect(found).toEqual([
      'packages/core/src/a.ts: noExplicitAny',
      'packages/core/src/b.ts: noNonNullAssertion',
      'packages/core/src/c.ts: noDefaultExport',
      'packages/core/src/camelCase.ts: useFilenamingConvention',
      'packages/core/src/d.ts: noConsole',
      'packages/core/src/e.ts: noEnum',
      'packages/core/src/g.ts: useImportExtensions',
      'packages/core/src/h.ts: noProcessGlobal',
      'packages/core/src/i.ts: noReExportAll',
    ]);
  });

  test('allows what is right, and fails where it sees no file', async () => {
    const right = {
      'packages/data/src/node/read.ts': `import { readFileSync } from 'node:fs';\nimport { a } from '@alexnet/core';\nreadFileSync(a);\n`,
      'packages/data/src/node/sharp.ts': `export const load = () => import('sharp');\n`,
      'packages/draw/src/graphviz.ts': `export const load = () => import('@viz-js/viz');\n`,
      'packages/train/src/node/onnxruntime.ts': `export const load = () => import('onnxruntime-node');\n`,
      'packages/runtime-node/src/session.ts': `export const load = () => import('onnxruntime-node');\n`,
      'packages/runtime-web/src/onnxruntime/start-onnxruntime.ts': `export const load = () => import('onnxruntime-web/webgpu');\n`,
      'apps/cli/src/main.ts': `export { train } from '@alexnet/train/node';\n`,
      'tests/all.test.ts': `import 'node:fs';\nimport '@alexnet/train';\n`,
    };
    expect(await lint(right)).toEqual([]);
    const [code, output] = await runNode([biome, 'check', '.'], makeTree(['.gitignore'], {}));
    expect(output).toContain('No files were processed');
    expect(code).toBe(1);
  });
});
