import { damagedFile } from './file-error.ts';

/** Numbers, texts, lists and objects in one JSON; the description of EfficientNet-B7, of 813 layers, has 35,000. */
const MAX_VALUES = 50_000;

/** Lists and objects within each other; a Keras model within a model takes six. */
const MAX_DEPTH = 100;

/**
 * Refuses JSON of more parts than any network has: a million of them fit into a small file, and each costs more to
 * look at than to write. Level by level, without a recursion.
 *
 * @param value - parsed
 * @throws AlexNetError `INVALID_MODEL`
 */
export function checkJsonSize(value: unknown, place: string): void {
  let level: readonly unknown[] = [value];
  let count = 1;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH)
      throw damagedFile(place, `its JSON is nested more than ${MAX_DEPTH} deep`);
    const next: unknown[] = [];
    for (const outer of level) {
      if (typeof outer !== 'object' || outer === null) continue;
      const inner: readonly unknown[] = Array.isArray(outer) ? outer : Object.values(outer);
      count += inner.length;
      if (count > MAX_VALUES) {
        throw damagedFile(place, `its JSON has more than ${MAX_VALUES} values`);
      }
      for (const item of inner) next.push(item);
    }
    level = next;
  }
}
