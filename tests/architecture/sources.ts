import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type ImportDeclarationSpecifier, parseSync, Visitor } from 'oxc-parser';

/** One `import`, `export … from`, `import()` or `import('…').Type` of a file. */
export interface SourceImport {
  readonly specifier: string;
  readonly line: number;
  /** `lazy` is `import()`; `type` leaves no trace in the JavaScript. */
  readonly kind: 'static' | 'lazy' | 'type';
}

/** A finding inside one file, before any rule between files. */
export interface SourceFinding {
  readonly rule:
    | 'default-export'
    | 'double-cast'
    | 'export-all'
    | 'index-body'
    | 'reference'
    | 'syntax';
  readonly line: number;
}

export interface SourceFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly imports: readonly SourceImport[];
  readonly findings: readonly SourceFinding[];
}

const ROOT_FOLDERS = ['packages', 'apps', 'tests', 'bench', 'examples', 'scripts'];
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'runs', '.turbo', 'coverage']);
const SOURCE_NAME = /\.(?:ts|mts|js|mjs)$/;

/** Reads and parses every source file of the repository at `root`. */
export function readSources(root: string): readonly SourceFile[] {
  return ROOT_FOLDERS.flatMap((folder) => listSources(root, folder)).map((path) =>
    parseSource(path, readFileSync(join(root, path), 'utf8')),
  );
}

/** Parses one file; `path` decides the language by its ending. */
function parseSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text);
  const imports: SourceImport[] = [];
  const findings: SourceFinding[] = [];
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  const add = (specifier: string, offset: number, kind: SourceImport['kind']): void => {
    imports.push({ specifier, line: lineOf(offset), kind });
  };
  const find = (rule: SourceFinding['rule'], offset: number): void => {
    findings.push({ rule, line: lineOf(offset) });
  };

  for (const error of errors) find('syntax', error.labels[0]?.start ?? 0);
  for (const comment of comments) {
    // `lib` is a language feature that declarations use; `types` and `path` bring in an environment.
    if (/^\/\s*<reference (?!lib=)/.test(comment.value)) find('reference', comment.start);
  }
  new Visitor({
    ImportDeclaration({ source, importKind, specifiers, start }) {
      const isType = importKind === 'type' || isAllTypes(specifiers.map(importKindOf));
      add(source.value, start, isType ? 'type' : 'static');
    },
    ExportNamedDeclaration({ source, exportKind, specifiers, start }) {
      if (source === null) return;
      const isType = exportKind === 'type' || isAllTypes(specifiers.map((name) => name.exportKind));
      add(source.value, start, isType ? 'type' : 'static');
    },
    ExportAllDeclaration({ source, exportKind, start }) {
      add(source.value, start, exportKind === 'type' ? 'type' : 'static');
      find('export-all', start);
    },
    ExportDefaultDeclaration({ start }) {
      find('default-export', start);
    },
    ImportExpression({ source, start }) {
      const isString = source.type === 'Literal' && typeof source.value === 'string';
      add(isString ? String(source.value) : '<computed>', start, 'lazy');
    },
    TSImportType({ source, start }) {
      add(source.value, start, 'type');
    },
    TSAsExpression({ expression, start }) {
      const isDouble =
        expression.type === 'TSAsExpression' &&
        expression.typeAnnotation.type === 'TSUnknownKeyword';
      if (isDouble) find('double-cast', start);
    },
  }).visit(program);

  for (const statement of program.body) {
    const isNamedReExport =
      statement.type === 'ExportNamedDeclaration' && statement.source !== null;
    if (posix.basename(path) === 'index.ts' && !isNamedReExport) {
      find('index-body', statement.start);
    }
  }
  return { path, imports, findings };
}

function importKindOf(name: ImportDeclarationSpecifier): string | undefined {
  return name.type === 'ImportSpecifier' ? name.importKind : undefined;
}

/** Does every name of the braces carry `type`? `{}` alone still loads the module. */
function isAllTypes(kinds: readonly (string | undefined)[]): boolean {
  return kinds.length > 0 && kinds.every((kind) => kind === 'type');
}

/** Resolves a relative specifier to a path below the root; null if there is no such file. */
export function resolveRelative(root: string, from: string, specifier: string): string | null {
  const path = posix.join(posix.dirname(from), specifier);
  return existsSync(join(root, path)) ? path : null;
}

function listSources(root: string, folder: string): string[] {
  const absolute = join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : listSources(root, path);
    return SOURCE_NAME.test(entry.name) && entry.isFile() ? [path] : [];
  });
}

/** The workspace that a file belongs to: `packages/core`, `apps/cli`, `tests`, … */
export function workspaceOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  const isNested = first === 'packages' || first === 'apps';
  return isNested ? `${first}/${second}` : first;
}
