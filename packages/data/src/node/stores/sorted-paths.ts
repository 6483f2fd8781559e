import { compareCodePoints } from '../../dataset/code-point-order.ts';
import { type PathTable, PathTableBuilder } from './path-table.ts';

/** Paths of a folder or an archive, sorted by code points, each once; also those of a folder in it. */
export class SortedPaths {
  readonly #table: PathTable;
  readonly #start: number;
  readonly #end: number;
  /** `photos/`, or nothing. */
  readonly #prefix: string;

  /** @param table - in order, without two that are alike */
  constructor(
    table: PathTable,
    {
      start = 0,
      end = table.length,
      prefix = '',
    }: { start?: number; end?: number; prefix?: string } = {},
  ) {
    this.#table = table;
    this.#start = start;
    this.#end = end;
    this.#prefix = prefix;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  at(index: number): string {
    return this.#table.at(this.#start + index).slice(this.#prefix.length);
  }

  *[Symbol.iterator](): Generator<string, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.at(index);
  }

  /** -1 where there is none. */
  indexOf(path: string): number {
    const index = this.#bisect((other) => compareCodePoints(other, path) < 0);
    return index < this.length && this.at(index) === path ? index : -1;
  }

  /** A path that is there more than once. */
  findTwice(): string | null {
    for (let index = this.#start + 1; index < this.#end; index++) {
      if (this.#table.isSame(index - 1, index)) return this.#table.at(index);
    }
    return null;
  }

  /** The files below a folder, by their paths in it; a view, nothing is copied. */
  within(folder: string): SortedPaths {
    const prefix = `${folder}/`;
    const start = this.#bisect((path) => compareCodePoints(path, prefix) < 0);
    const end = this.#bisect(
      (path) => path.startsWith(prefix) || compareCodePoints(path, prefix) < 0,
    );
    return new SortedPaths(this.#table, {
      start: this.#start + start,
      end: this.#start + end,
      prefix: this.#prefix + prefix,
    });
  }

  /** How many come before: those for which `isBefore` holds stand in front. */
  #bisect(isBefore: (path: string) => boolean): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.at(middle))) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Sorted paths of a few. */
export function sortPaths(paths: readonly string[]): SortedPaths {
  const builder = new PathTableBuilder();
  for (const path of [...new Set(paths)].sort(compareCodePoints)) builder.add(path);
  return new SortedPaths(builder.build());
}
