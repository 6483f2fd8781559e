import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { checkArchitecture } from './architecture/rules.ts';
import { readSources, workspaceOf } from './architecture/sources.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));

describe('this repository', () => {
  const sources = readSources(repository);

  test('is read: every package has files, and there are imports of every kind', () => {
    const workspaces = new Set(sources.map(({ path }) => workspaceOf(path)));
    const packages = [
      'core',
      'export',
      'autodiff',
      'data',
      'draw',
      'weights',
      'train',
      'runtime',
      'runtime-node',
    ];
    expect([...workspaces]).toEqual(
      expect.arrayContaining([
        ...packages.map((name) => `packages/${name}`),
        'apps/cli',
        'apps/web',
        'tests',
      ]),
    );
    const kinds = new Set(sources.flatMap(({ imports }) => imports.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual(['lazy', 'static', 'type']);
  });

  test('keeps to its architecture', () => {
    const violations = checkArchitecture(repository, sources);
    expect(violations.map(({ rule, where, message }) => `${where} ${rule}: ${message}`)).toEqual(
      [],
    );
  });
});

describe('a planted violation is reported', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function check(files: Readonly<Record<string, string>>): readonly string[] {
    const root = mkdtempSync(join(tmpdir(), 'architecture-'));
    folders.push(root);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const violations = checkArchitecture(root, readSources(root));
    return violations.map(({ rule, where }) => `${rule} ${where}`.trim());
  }

  const clean = {
    'packages/core/package.json': `{ "exports": { ".": "./dist/index.js" } }`,
    'packages/core/src/a.ts': `import type { B } from './b.ts';\nexport const a: B = 1;\n`,
    'packages/core/src/b.ts': `import { a } from './a.ts';\nexport type B = typeof a;\n`,
    'packages/core/src/a.test.ts': `import { readFileSync } from 'node:fs';\nreadFileSync('x');\n`,
    'packages/core/src/test-a.ts': `import { expect } from 'vitest';\nexpect(1).toBe(1);\n`,
    'packages/core/src/index.ts': `export { a } from './a.ts';\nexport type { B } from './b.ts';\n`,
    'packages/data/src/node/read.ts': `import { a } from '@alexnet/core';\nimport 'node:fs';\na;\n`,
    'packages/data/src/web/decode.ts': `import { a } from '../a.ts';\nexport const b = a;\n`,
    'packages/data/src/a.ts': `export const a = 1;\n`,
    'packages/data/src/node/sharp.ts': `import type { S } from 'sharp';\nexport const s: Promise<S> = import('sharp');\n`,
    'tests/all.test.ts': `import '@alexnet/train/node';\nimport 'alexnet';\n`,
    'packages/core/src/ops/index.ts': `import { a } from '../a.ts';\nexport const OPS = { a };\n`,
  };

  test('nothing in a clean tree', () => {
    expect(check(clean)).toEqual([]);
  });

  test('an empty tree, and one without imports', () => {
    expect(check({})).toEqual(['nothing-seen']);
    expect(check({ 'packages/core/src/a.ts': 'export const a = 1;\n' })).toEqual(['nothing-seen']);
  });

  test.each([
    ['direction', 'packages/core/src/x.ts', `import { toOnnx } from '@alexnet/export';`],
    ['direction', 'packages/core/src/x.ts', `import type { T } from '@alexnet/export';`],
    ['direction', 'packages/core/src/x.ts', `export { t } from '@alexnet/export';`],
    ['direction', 'packages/core/src/x.ts', `export {} from '@alexnet/export';`],
    ['direction', 'packages/core/src/x.ts', `export const t = await import('@alexnet/export');`],
    ['direction', 'packages/core/src/x.ts', `export type T = import('@alexnet/export').T;`],
    ['direction', 'packages/core/src/x.test.ts', `import '@alexnet/train';`],
    ['direction', 'packages/runtime-node/src/x.ts', `import '@alexnet/train';`],
    ['direction', 'packages/train/src/x.ts', `import 'alexnet';`],
    ['direction', 'apps/cli/src/x.ts', `import '@alexnet/tests';`],
    ['direction', 'apps/web/src/x.ts', `import '@alexnet/runtime-node';`],
    ['environment', 'apps/web/src/x.ts', `import 'node:fs';`],
    ['environment', 'apps/web/src/x.ts', `import '@alexnet/export/node';`],
    ['direction', 'bench/x.mjs', `import '@alexnet/tests';`],
    ['escape', 'packages/data/src/x.ts', `import '../../core/src/a.ts';`],
    ['escape', 'apps/cli/src/x.ts', `import '../../../tests/all.test.ts';`],
    ['environment', 'packages/core/src/x.ts', `import 'node:fs';`],
    ['environment', 'packages/core/src/x.ts', `import type { Stats } from 'fs';`],
    ['environment', 'packages/data/src/x.ts', `import './node/read.ts';`],
    ['environment', 'packages/train/src/x.ts', `import '@alexnet/data/node';`],
    ['environment', 'packages/train/src/x.ts', `import '@alexnet/data/web';`],
    ['environment', 'packages/data/src/x.ts', `import './web/decode.ts';`],
    ['environment', 'packages/data/src/web/x.ts', `import '../node/read.ts';`],
    ['environment', 'packages/runtime-web/src/x.ts', `import { join } from 'node:path';`],
    ['environment', 'packages/runtime-web/src/x.ts', `import '@alexnet/data/node';`],
    ['environment', 'packages/runtime-node/src/x.ts', `import '@alexnet/data/web';`],
    ['direction', 'packages/runtime-web/src/x.ts', `import '@alexnet/export';`],
    ['gate', 'packages/runtime-web/src/x.ts', `export const x = import('onnxruntime-web/wasm');`],
    ['gate', 'packages/data/src/node/x.ts', `import sharp from 'sharp';`],
    ['gate', 'packages/data/src/node/sharp.ts', `import sharp from 'sharp';`],
    ['gate', 'packages/runtime/src/x.ts', `import 'left-pad';`],
    ['gate', 'packages/runtime-node/src/x.ts', `export const x = import(process.argv[2]);`],
    ['unresolved', 'packages/core/src/x.ts', `import './missing.ts';`],
    ['default-export', 'packages/core/src/x.ts', `export default 1;`],
    ['export-all', 'packages/core/src/x.ts', `export * from './a.ts';`],
    ['index-body', 'packages/core/src/index.ts', `export const x = 1;`],
    ['double-cast', 'packages/core/src/x.ts', `export const x = 1 as unknown as string;`],
    ['reference', 'packages/core/src/x.ts', `/// <reference types="node" />`],
    ['name', 'packages/core/src/shape-utils.ts', `export const x = 1;`],
    ['syntax', 'packages/core/src/x.ts', `const = 1;`],
  ])('%s: %s %s', (rule, path, text) => {
    const found = check({ ...clean, [path]: `${text}\n` });
    expect(found).toEqual([rule === 'name' ? `${rule} ${path}` : `${rule} ${path}:1`]);
  });

  test('a cycle, once', () => {
    const cycle = {
      'packages/core/src/c.ts': `import { d } from './d.ts';\nexport const c = (): number => d();\n`,
      'packages/core/src/d.ts': `import { c } from './c.ts';\nexport const d = (): number => c();\n`,
    };
    expect(check({ ...clean, ...cycle })).toEqual(['cycle packages/core/src/c.ts']);
  });
});
