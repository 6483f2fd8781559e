import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Consumer, installPacked, repository } from './packed-consumer.ts';

// What a user of the published packages gets: packed, installed with npm in an empty folder,
// imported, type-checked and run from there.

const workspaces = ['packages', 'apps']
  .flatMap((parent) =>
    readdirSync(join(repository, parent)).map((name) => join(repository, parent, name)),
  )
  .filter((folder) => !readManifest(join(folder, 'package.json')).private);
const manifests = workspaces.map((folder) => readManifest(join(folder, 'package.json')));

let installed: Consumer;
let consumer = '';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly version: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

beforeAll(async () => {
  installed = await installPacked(manifests.map(({ name }) => name));
  consumer = installed.folder;
  expect(installed.tarballs).toHaveLength(manifests.length);
});

afterAll(() => installed?.remove());

describe('every package', () => {
  test.each(manifests)('$name holds what it should and no more', ({ name }) => {
    const folder = join(consumer, 'node_modules', name);
    const files = listFiles(folder);
    const wanted = ['LICENSE', 'README.md', 'package.json'];
    expect(wanted.filter((path) => !files.includes(path))).toEqual([]);
    const unwanted = /\.test\.|\.tsbuildinfo$|tsconfig|(?:^|\/)(?:tests|node_modules|turbo\.json)/;
    expect(files.filter((path) => unwanted.test(path))).toEqual([]);

    const built = files.filter((path) => /^dist\/.*\.js$/.test(path));
    expect(built.length).toBeGreaterThan(0);
    const declarations = built.map((path) => path.replace(/\.js$/, '.d.ts'));
    expect(declarations.filter((path) => !files.includes(path))).toEqual([]);
    // A debugger steps into the TypeScript where the package carries it.
    const hasSource = files.some((path) => path.startsWith('src/'));
    const sources = built.map((path) => path.replace(/^dist\/(.*)\.js$/, 'src/$1.ts'));
    if (hasSource) expect(sources.filter((path) => !files.includes(path))).toEqual([]);
  });

  test.each(manifests)('$name depends on released versions only', ({ name, version }) => {
    const installed = readManifest(join(consumer, 'node_modules', name, 'package.json'));
    expect(installed.version).toBe(version);
    const ranges = Object.values(installed.dependencies ?? {});
    expect(ranges.filter((range) => !/^[\^~]?\d/.test(range))).toEqual([]);
  });
});

/** `@alexnet/core/interpret` and so on: every entry of code that a user may import. */
const entries = manifests.flatMap(({ name, exports = {} }) =>
  Object.keys(exports)
    .filter((key) => !key.endsWith('.json'))
    .map((key) => name + key.slice(1)),
);

test('every export can be imported, and nothing is printed', async () => {
  expect(entries).toEqual(expect.arrayContaining(['@alexnet/core', '@alexnet/runtime-node']));
  const lines = entries.map(
    (entry) => `counts[${JSON.stringify(entry)}] = Object.keys(await import('${entry}')).length;`,
  );
  writeFileSync(
    join(consumer, 'import-all.js'),
    `const counts = {};\n${lines.join('\n')}\nprocess.stdout.write(JSON.stringify(counts));\n`,
  );
  const { stdout, stderr } = await run(process.execPath, ['import-all.js']);
  expect(stderr).toBe('');
  const counts: Record<string, number> = JSON.parse(stdout);
  expect(Object.keys(counts)).toEqual(entries);
  for (const [entry, count] of Object.entries(counts)) expect(count, entry).toBeGreaterThan(0);
});

test('every other export is JSON that can be read', () => {
  const { resolve } = createRequire(join(consumer, 'package.json'));
  const files = manifests.flatMap(({ name, exports = {} }) =>
    Object.keys(exports)
      .filter((key) => key.endsWith('.json'))
      .map((key) => name + key.slice(1)),
  );
  expect(files).toContain('@alexnet/core/network.schema.json');
  for (const file of files) {
    expect(JSON.parse(readFileSync(resolve(file), 'utf8')), file).toBeTypeOf('object');
  }
});

test('the types resolve for a strict TypeScript consumer', async () => {
  const imports = entries.map((entry, index) => `import * as entry${index} from '${entry}';`);
  const names = entries.map((_, index) => `entry${index}`).join(', ');
  writeFileSync(
    join(consumer, 'consumer.ts'),
    `${imports.join('\n')}
import { type Tensor, createTensor } from '@alexnet/core';

const tensor: Tensor = createTensor([1, 2]);
// @ts-expect-error -- a shape is not a text: the declarations are real types, not any.
createTensor('1x2');
export const all: readonly object[] = [tensor, ${names}];
`,
  );
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--strict', '--noEmit', '--module', 'nodenext'];
  const { stdout } = await run(process.execPath, [tsc, ...options, '--types', '', 'consumer.ts']);
  expect(stdout).toBe('');
});

describe('a model in a worker thread', () => {
  const script = `
    import { createModel } from '@alexnet/core';
    import { exportOnnx } from '@alexnet/export';
    import { loadModel } from '@alexnet/runtime-node';
    async function main() {
      const bytes = exportOnnx(createModel('mini', { classes: 3, widthMultiplier: 0.1 }));
      const model = await loadModel(bytes, { device: 'cpu', worker: true });
      const picture = { width: 60, height: 40, channels: 3, pixels: new Uint8Array(7200) };
      const classes = await model.classify(picture);
      process.stdout.write(String(classes.length)); // No dispose(): an idle model keeps no process.
    }
    main();`;

  beforeAll(() => writeFileSync(join(consumer, 'server.js'), script));

  test('runs from the installed package', async () => {
    expect(await run(process.execPath, ['server.js'])).toEqual({ stdout: '3', stderr: '' });
  });

  test.each([
    ['esm', 'module'],
    ['cjs', 'commonjs'],
  ] as const)(
    'runs when esbuild has bundled it as %s, with only the native packages installed',
    async (format, type) => {
      const deployed = mkdtempSync(join(tmpdir(), 'alexnet-deployed-'));
      const native = ['onnxruntime-node', 'sharp'];
      await build({
        absWorkingDir: consumer,
        entryPoints: {
          server: './server.js',
          'classifier-worker': '@alexnet/runtime-node/worker',
        },
        bundle: true,
        platform: 'node',
        format,
        outdir: join(deployed, 'dist'),
        external: native,
        logLevel: 'silent',
      });
      writeFileSync(join(deployed, 'package.json'), JSON.stringify({ type }));
      mkdirSync(join(deployed, 'node_modules'));
      for (const name of native) {
        symlinkSync(join(consumer, 'node_modules', name), join(deployed, 'node_modules', name));
      }
      const ran = await run(process.execPath, ['dist/server.js'], { cwd: deployed });
      expect(ran).toEqual({ stdout: '3', stderr: '' });
      rmSync(deployed, { recursive: true });
    },
  );
});

describe('the alexnet command', () => {
  const command = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    run(join(consumer, 'node_modules', '.bin', 'alexnet'), args);

  test('prints its version', async () => {
    const version = manifests.find(({ name }) => name === 'alexnet')?.version;
    expect(await command('--version')).toEqual({ stdout: `${version}\n`, stderr: '' });
  });

  test('prints its help', async () => {
    const { stdout, stderr } = await command('--help');
    expect(stdout).toMatch(/Usage: alexnet/);
    expect(stdout).toMatch(/\btrain\b[\s\S]*\bexport\b|\bexport\b[\s\S]*\btrain\b/);
    expect(stderr).toBe('');
  });
});

const run: Consumer['run'] = (...call) => installed.run(...call);

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Every file below a folder, except what npm nests inside. */
function listFiles(folder: string, prefix = ''): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = prefix + entry.name;
    if (entry.isDirectory()) return listFiles(join(folder, entry.name), `${path}/`);
    return [path];
  });
}
