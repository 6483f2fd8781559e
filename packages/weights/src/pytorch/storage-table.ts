import { damagedFile } from '../file-error.ts';
import {
  describePickleValue,
  PickleGlobal,
  PickleTuple,
  type PickleValue,
  textOf,
} from '../pickle/values.ts';
import { quoteName } from '../quote-name.ts';
import { PickledStorage } from './pickled-tensor.ts';
import { STORAGE_TYPES } from './pytorch-globals.ts';

/** The storages that a pickle refers to, by key: tensors can share one. */
export class StorageTable {
  readonly storages: Map<string, PickledStorage> = new Map();
  private readonly place: string;

  constructor(place: string) {
    this.place = place;
  }

  /**
   * `('storage', torch.FloatStorage, key, location, count)`; the legacy form goes on with
   * `None` or `(key, offset, count)` of a part.
   *
   * @throws {@link AlexNetError} `INVALID_MODEL` for any other reference
   */
  load(id: PickleValue): PickledStorage {
    const [tag, type, key, location, count, view = null, ...rest] =
      id instanceof PickleTuple ? id.items : [];
    const elements = type instanceof PickleGlobal ? STORAGE_TYPES.get(type.name) : undefined;
    const name = textOf(key);
    const isStorage =
      textOf(tag) === 'storage' &&
      textOf(location) !== undefined &&
      typeof count === 'number' &&
      Number.isSafeInteger(count) &&
      count >= 0;
    if (!isStorage || elements === undefined || name === undefined || rest.length > 0) {
      const shown =
        id instanceof PickleTuple ? id.items.map(describePickleValue) : [describePickleValue(id)];
      throw damagedFile(this.place, `it refers to (${shown.join(', ')}), which is no storage`);
    }
    const known = this.storages.get(name);
    if (known && (known.type !== elements || known.count !== count)) {
      throw damagedFile(
        this.place,
        `storage ${quoteName(name)} is ${known.count} ${known.type} here and ${count} ${elements} there`,
      );
    }
    const storage = known ?? new PickledStorage(name, elements, count);
    this.storages.set(name, storage);
    return view === null ? storage : this.loadPart(storage, view);
  }

  private loadPart(root: PickledStorage, view: PickleValue): PickledStorage {
    const [key, offset, count, ...rest] = view instanceof PickleTuple ? view.items : [];
    const name = textOf(key);
    const areCounts =
      typeof offset === 'number' && typeof count === 'number' && offset >= 0 && count >= 0;
    if (!areCounts || name === undefined || rest.length > 0 || offset + count > root.count) {
      throw damagedFile(
        this.place,
        `${describePickleValue(view)} is no part of storage ${quoteName(root.key)} of ${root.count}`,
      );
    }
    return new PickledStorage(name, root.type, count, { root, offset });
  }
}
