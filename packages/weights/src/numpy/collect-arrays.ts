import { damagedFile } from '../file-error.ts';
import { PickleDict, PickleList, PickleTuple, type PickleValue, textOf } from '../pickle/values.ts';
import { quoteName } from '../quote-name.ts';
import type { TensorCollector } from '../tensor-collector.ts';
import { PickledArray } from './pickled-array.ts';

/** Levels of dicts and lists around an array; two are in use. */
const MAX_DEPTH = 8;
/** Values that are looked at: a value that stands in many places counts in each. */
const MAX_VALUES = 100_000;
/** Longest name that is made of keys. */
const MAX_NAME_LENGTH = 1024;

interface CollectOptions {
  readonly collector: TensorCollector;
  readonly place: string;
  /** Of an array that lies in no dict or list and has no name. */
  readonly rootName?: string;
}

/**
 * Finds the arrays in what a pickle holds, by the names on the way to them. A list of an array of several axes and one
 * of a single axis, `{conv1: [W, b]}`, is named like the dict `{conv1: {weights, biases}}`.
 *
 * @param name - of the value itself; its items are `name/key`, or `key` where it has none
 * @throws {@link AlexNetError} `INVALID_MODEL` if it is nested too deep or holds too much
 */
export function collectArrays(
  value: PickleValue,
  name: string,
  { collector, place, rootName = name }: CollectOptions,
): void {
  let visited = 0;
  const visit = (found: PickleValue, path: string, depth: number): void => {
    visited += 1;
    if (path.length > MAX_NAME_LENGTH) {
      throw damagedFile(place, `a name in it is longer than the limit of ${MAX_NAME_LENGTH}`);
    }
    if (depth > MAX_DEPTH || visited > MAX_VALUES) {
      const what = depth > MAX_DEPTH ? `${MAX_DEPTH} levels` : `${MAX_VALUES} values`;
      throw damagedFile(place, `its dicts and lists go beyond ${what}, the limit`);
    }
    const array = found instanceof PickledArray ? found.content : undefined;
    if (array?.kind === 'numbers') {
      const own = path === '' ? rootName : path;
      collector.add(own, array.toFileTensor(`${place}, array ${quoteName(own)}`));
      return;
    }
    const isBox =
      array?.kind === 'objects' && found instanceof PickledArray && found.shape.length === 0;
    if (isBox) {
      for (const item of array.items) visit(item, path, depth + 1);
      return;
    }
    const children = childrenOf(found);
    if (children === undefined) collector.skip(path === '' ? rootName : path);
    for (const [key, child] of children ?? []) {
      visit(child, path === '' ? key : `${path}/${key}`, depth + 1);
    }
  };
  visit(value, name, 0);
}

/** Undefined where it is no container. */
function childrenOf(value: PickleValue): readonly (readonly [string, PickleValue])[] | undefined {
  if (value instanceof PickleDict) {
    return [...value.entries].map(([key, item]) => [keyText(key), item] as const);
  }
  const items =
    value instanceof PickleList || value instanceof PickleTuple
      ? value.items
      : value instanceof PickledArray && value.content.kind === 'objects'
        ? value.content.items
        : undefined;
  if (items === undefined) return undefined;
  const roles = nameRoles(items);
  return items.map((item, index) => [roles?.[index] ?? String(index), item] as const);
}

/** Weights have several axes, biases one: the rule by which kratzert's script tells them apart. */
function nameRoles(items: readonly PickleValue[]): readonly string[] | undefined {
  if (items.length > 2) return undefined;
  const roles = items.map((item) => {
    const isNumbers = item instanceof PickledArray && item.content.kind === 'numbers';
    return isNumbers ? (item.shape.length > 1 ? 'weights' : 'biases') : '';
  });
  const isLayer = new Set(roles).size === items.length && !roles.includes('');
  return isLayer ? roles : undefined;
}

function keyText(key: PickleValue): string {
  return textOf(key) ?? (typeof key === 'object' ? 'key' : String(key));
}
