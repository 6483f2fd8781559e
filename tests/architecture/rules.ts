import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import {
  resolveRelative,
  type SourceFile,
  type SourceFinding,
  type SourceImport,
  workspaceOf,
} from './sources.ts';

export interface Violation {
  readonly rule: string;
  /** `path:line`, or the empty string where the whole tree is meant. */
  readonly where: string;
  readonly message: string;
}

/** Which `@alexnet/…` packages each package may import. An arrow only points to a row above. */
const DIRECTIONS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  export: ['core'],
  autodiff: ['core', 'export'],
  data: ['core'],
  draw: ['core'],
  weights: ['core', 'export'],
  train: ['core', 'data', 'autodiff', 'export'],
  runtime: ['core', 'export', 'data'],
  'runtime-node': ['core', 'export', 'data', 'runtime'],
  'runtime-web': ['core', 'data', 'runtime'],
};

/** What an app may import that may not import every package: the page runs in browsers. */
const APPS: Readonly<Record<string, readonly string[]>> = {
  'apps/web': ['core', 'data', 'export', 'runtime', 'runtime-web'],
};

/** Where each npm package may be imported. A heavy one has one gate file, which loads it lazily. */
const GATES: Readonly<Record<string, { readonly paths: RegExp; readonly isLazy: boolean }>> = {
  sharp: { paths: /^packages\/data\/src\/node\/sharp\.ts$/, isLazy: true },
  yauzl: {
    paths: /^(?:packages\/data\/src\/node\/stores|apps\/cli\/src\/setup)\/yauzl\.ts$/,
    isLazy: true,
  },
  'csv-parse': {
    paths: /^packages\/data\/src\/node\/kinds\/csv-parser\.ts$/,
    isLazy: true,
  },
  '@cornerstonejs/codec-libjpeg-turbo-8bit': {
    paths: /^packages\/data\/src\/node\/jpeg\/jpeg-decoder\.ts$/,
    isLazy: true,
  },
  wabt: {
    paths:
      /^packages\/data\/(?:scripts\/write-kernels\.mjs|src\/node\/simd\/simd-kernels\.test\.ts)$/,
    isLazy: false,
  },
  'onnxruntime-common': { paths: /^packages\/train\/src\/ort\//, isLazy: false },
  'onnxruntime-node': {
    paths: /^packages\/(?:train\/src\/node\/onnxruntime|runtime-node\/src\/session)\.ts$/,
    isLazy: true,
  },
  'onnxruntime-web': {
    paths: /^packages\/runtime-web\/src\/onnxruntime\/start-onnxruntime\.ts$/,
    isLazy: true,
  },
  '@tensorflow/tfjs-core': {
    // Types alone; who has it at run time is given it by the gate of the next two.
    paths: /^packages\/train\/src\/tfjs\/tensorflow\.ts$/,
    isLazy: false,
  },
  '@tensorflow/tfjs-node': {
    paths: /^packages\/train\/src\/node\/tensorflow\/load-tensorflow\.ts$/,
    isLazy: true,
  },
  '@tensorflow/tfjs-node-gpu': {
    paths: /^packages\/train\/src\/node\/tensorflow\/load-tensorflow\.ts$/,
    isLazy: true,
  },
  '@viz-js/viz': { paths: /^packages\/draw\/src\/graphviz\.ts$/, isLazy: true },
  '@resvg/resvg-wasm': { paths: /^packages\/draw\/src\/node\/resvg\.ts$/, isLazy: true },
  undici: { paths: /^packages\/weights\/src\/node\/http-client\.ts$/, isLazy: true },
  fflate: { paths: /^packages\/weights\/src\/zip\/inflate\.ts$/, isLazy: true },
  'playwright-core': { paths: /^apps\/cli\/src\/parity\/chromium-modules\.ts$/, isLazy: true },
  esbuild: { paths: /^apps\/cli\/src\/parity\/chromium-modules\.ts$/, isLazy: true },
  vite: { paths: /^apps\/web\/vite\.config\.ts$/, isLazy: false },
  commander: { paths: /^apps\/cli\/src\//, isLazy: false },
  'p-limit': { paths: /^packages\/(data|runtime|runtime-web)\/src\//, isLazy: false },
};

const LEAVES = new Set(['tests', 'bench', 'examples']);
const FORBIDDEN_WORDS = /^(?:utils?|helpers?|common|misc|manager|impl)$/;
const FINDINGS: Readonly<Record<SourceFinding['rule'], string>> = {
  'default-export': 'A default export has no name: export it by name.',
  'double-cast': '"as unknown as" hides a type error: parse or narrow instead.',
  'export-all': '"export *" hides what is exported: list the names.',
  'index-body': "A package's index.ts holds named re-exports and nothing else.",
  reference: 'A reference to types brings an environment into the whole project.',
  syntax: 'The file does not parse.',
};
const BUILTINS = new Set(builtinModules);

/** Checks a whole tree. Seeing no file or no import is itself a violation. */
export function checkArchitecture(
  root: string,
  sources: readonly SourceFile[],
): readonly Violation[] {
  const published = sources.filter(({ path }) => /^(?:packages|apps)\//.test(path));
  const importCount = published.reduce((sum, { imports }) => sum + imports.length, 0);
  if (published.length === 0 || importCount === 0) {
    const message = `Saw ${published.length} source files and ${importCount} imports: nothing was checked.`;
    return [{ rule: 'nothing-seen', where: '', message }];
  }
  return [
    ...sources.flatMap((source) => checkImports(root, source)),
    ...published.flatMap((source) => checkStyle(root, source)),
    ...findCycles(root, published),
  ];
}

function checkImports(root: string, source: SourceFile): readonly Violation[] {
  return source.imports.flatMap((imported) => {
    const { specifier } = imported;
    const found = specifier.startsWith('.')
      ? checkRelative(root, source.path, specifier)
      : isBuiltin(specifier)
        ? checkBuiltin(source.path, specifier)
        : /^(?:@alexnet\/|alexnet(?:\/|$))/.test(specifier)
          ? checkWorkspace(source.path, specifier)
          : checkExternal(source.path, imported);
    return found.map(({ rule, message }) => ({
      rule,
      message,
      where: `${source.path}:${imported.line}`,
    }));
  });
}

type Finding = Omit<Violation, 'where'>;

function checkRelative(root: string, from: string, specifier: string): readonly Finding[] {
  const target = posix.join(posix.dirname(from), specifier);
  const isOutside = workspaceOf(target) !== workspaceOf(from);
  if (isOutside)
    return [{ rule: 'escape', message: `"${specifier}" leaves ${workspaceOf(from)}.` }];
  if (!mayUse(from, environmentOf(target))) {
    const needs = environmentOf(target) === 'node' ? 'Node' : 'a browser';
    const message = `${DESCRIPTIONS[environmentOf(from)]} imports "${specifier}", which needs ${needs}.`;
    return [{ rule: 'environment', message }];
  }
  const isBuilt = target.includes('/dist/');
  if (!isBuilt && resolveRelative(root, from, specifier) === null) {
    return [{ rule: 'unresolved', message: `"${specifier}" is no file.` }];
  }
  return [];
}

function checkBuiltin(from: string, specifier: string): readonly Finding[] {
  if (mayUse(from, 'node')) return [];
  const message = `${DESCRIPTIONS[environmentOf(from)]} imports "${specifier}".`;
  return [{ rule: 'environment', message }];
}

function checkWorkspace(from: string, specifier: string): readonly Finding[] {
  const workspace = workspaceOf(from);
  const [scope = '', name = '', ...subpath] = specifier.split('/');
  if (scope === 'alexnet' || !(name in DIRECTIONS)) {
    const isAllowed = scope === 'alexnet' && LEAVES.has(workspace);
    return isAllowed ? [] : [{ rule: 'direction', message: `Nothing imports "${specifier}".` }];
  }
  const own = workspace.replace(/^packages\//, '');
  const allowed = workspace.startsWith('packages/') ? (DIRECTIONS[own] ?? []) : APPS[workspace];
  if (allowed && !allowed.includes(name)) {
    return [{ rule: 'direction', message: `${own} may not import "${specifier}".` }];
  }
  const needed = subpath[0] === 'node' || subpath[0] === 'web' ? subpath[0] : 'neutral';
  if (allowed && !mayUse(from, needed)) {
    const message = `${DESCRIPTIONS[environmentOf(from)]} imports "${specifier}".`;
    return [{ rule: 'environment', message }];
  }
  return [];
}

function checkExternal(from: string, imported: SourceImport): readonly Finding[] {
  const isPublished = /^(?:packages|apps)\//.test(from);
  if (!isPublished || isTest(from)) return [];
  const { specifier, kind } = imported;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const gate = GATES[name];
  if (gate === undefined) {
    const message = `"${specifier}" has no gate: name its place in tests/architecture/rules.ts.`;
    return [{ rule: 'gate', message }];
  }
  if (!gate.paths.test(from)) {
    return [{ rule: 'gate', message: `"${specifier}" belongs in ${gate.paths.source}.` }];
  }
  if (gate.isLazy && kind === 'static') {
    return [
      { rule: 'gate', message: `"${specifier}" is loaded with import(), when first needed.` },
    ];
  }
  return [];
}

function checkStyle(root: string, { path, findings }: SourceFile): readonly Violation[] {
  const words = posix.basename(path).split(/[.-]/);
  const forbidden = words.find((word) => FORBIDDEN_WORDS.test(word));
  const named = forbidden === undefined ? [] : [`"${forbidden}" says nothing: name what it holds.`];
  return [
    ...named.map((message) => ({ rule: 'name', where: path, message })),
    ...findings
      .filter(({ rule }) => rule !== 'index-body' || isEntryPoint(root, path))
      .map(({ rule, line }) => ({ rule, where: `${path}:${line}`, message: FINDINGS[rule] })),
  ];
}

/** Cycles of imports that exist at run time; types and `import()` may point back. */
function findCycles(root: string, sources: readonly SourceFile[]): readonly Violation[] {
  const targets = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports
        .filter(({ kind, specifier }) => kind === 'static' && specifier.startsWith('.'))
        .map(({ specifier }) => resolveRelative(root, path, specifier))
        .filter((target) => target !== null),
    ]),
  );
  const state = new Map<string, 'open' | 'done'>();
  const found: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(path)), path].join(' → ');
      found.push({ rule: 'cycle', where: path, message: cycle });
      return;
    }
    state.set(path, 'open');
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    state.set(path, 'done');
  };
  for (const { path } of sources) visit(path, []);
  return found;
}

/** Is the file what an entry of its package's `exports` is built from? */
function isEntryPoint(root: string, path: string): boolean {
  const workspace = join(root, workspaceOf(path));
  const { exports }: { exports?: unknown } = JSON.parse(
    readFileSync(join(workspace, 'package.json'), 'utf8'),
  );
  const built = posix
    .relative(workspaceOf(path), path)
    .replace(/^src\//, './dist/')
    .replace(/\.ts$/, '.js');
  return JSON.stringify(exports ?? null).includes(`"${built}"`);
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || BUILTINS.has(specifier);
}

function isTest(path: string): boolean {
  return /(?:\.(?:test|bench)|\/test-[a-z-]+)\.ts$/.test(path);
}

/** Where code runs: in Node, in browsers, or in any JavaScript engine. */
type Environment = 'node' | 'web' | 'neutral';

const DESCRIPTIONS: Readonly<Record<Environment, string>> = {
  node: 'Code for Node',
  web: 'Code for browsers',
  neutral: 'Neutral code',
};

/** Code that runs in one environment alone, or in all. */
const PLACED = /^(?:packages\/[^/]+|apps\/web)\/src\//;

function environmentOf(path: string): Environment {
  if (!PLACED.test(path) || isTest(path)) return 'node';
  if (/^packages\/(?:[^/]+\/src\/node|runtime-node)\//.test(path)) return 'node';
  return /^(?:packages\/(?:[^/]+\/src\/web|runtime-web)|apps\/web)\//.test(path)
    ? 'web'
    : 'neutral';
}

/** Tests and everything outside of the packages compose what they like. */
function mayUse(from: string, needed: Environment): boolean {
  const isFree = !PLACED.test(from) || isTest(from);
  return isFree || needed === 'neutral' || needed === environmentOf(from);
}
