import { ByteReader } from '../byte-reader.ts';
import { damagedFile } from '../file-error.ts';
import { readPickle } from '../pickle/read-pickle.ts';
import { describePickleValue, itemsOf, type PickleValue, textOf } from '../pickle/values.ts';
import { quoteName } from '../quote-name.ts';
import { PYTORCH_GLOBALS, REFUSAL_HINT } from './pytorch-globals.ts';
import type { SavedObject } from './read-zip-form.ts';
import { StorageTable } from './storage-table.ts';

/** @see pytorch/pytorch, torch/serialization.py, MAGIC_NUMBER and PROTOCOL_VERSION */
const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;

/**
 * Reads what `torch.save` wrote before 1.6: pickles of a magic number, a version, the writer's machine, the object and
 * the storages' keys, then the storages in that order, each a count of eight bytes and its numbers. All of
 * it is little-endian, whatever the machine; nothing may follow.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`
 * @see pytorch/pytorch, torch/serialization.py, `_legacy_save`
 */
export function readLegacyForm(bytes: Uint8Array, place: string): SavedObject {
  const table = new StorageTable(place);
  let offset = 0;
  const readNext = (what: string): PickleValue => {
    const { value, end } = readPickle(bytes.subarray(offset), {
      place: `${place}, ${what} at byte ${offset}`,
      globals: PYTORCH_GLOBALS,
      loadPersistent: (id) => table.load(id),
      refusalHint: REFUSAL_HINT,
    });
    offset += end;
    return value;
  };
  const magic = readNext('magic number');
  if (magic !== MAGIC_NUMBER) {
    throw damagedFile(
      place,
      `it begins with ${describePickleValue(magic)}, not PyTorch's magic number`,
    );
  }
  const version = readNext('version');
  if (version !== PROTOCOL_VERSION) {
    throw damagedFile(
      place,
      `its version is ${describePickleValue(version)}, not the number ${PROTOCOL_VERSION}`,
    );
  }
  readNext('system description');
  const value = readNext('object');
  const keys = itemsOf(readNext('list of storages'))?.map(textOf);
  if (keys === undefined) throw damagedFile(place, 'it has no list of storages');
  readStorages(bytes, { offset, keys, table, place });
  return { value, byteOrder: 'little', sizeBytes: bytes.length };
}

function readStorages(
  bytes: Uint8Array,
  options: {
    readonly offset: number;
    readonly keys: readonly (string | undefined)[];
    readonly table: StorageTable;
    readonly place: string;
  },
): void {
  const { offset, keys, table, place } = options;
  const reader = new ByteReader(bytes, place);
  reader.seek(offset, 'the storages');
  const seen = new Set<string>();
  for (const key of keys) {
    const storage = key === undefined ? undefined : table.storages.get(key);
    if (storage === undefined || seen.has(storage.key)) {
      const why = storage === undefined ? 'that no tensor refers to' : 'twice';
      throw damagedFile(place, `it lists storage ${quoteName(key ?? '')} ${why}`);
    }
    seen.add(storage.key);
    const count = reader.uint64(`count of storage ${quoteName(storage.key)}`);
    if (count !== storage.count) {
      throw damagedFile(
        place,
        `storage ${quoteName(storage.key)} has ${count} numbers, but ${storage.count} are announced`,
      );
    }
    storage.fill(reader.take(storage.sizeBytes, `storage ${quoteName(storage.key)}`), place);
  }
  if (reader.remaining > 0) {
    throw damagedFile(place, `${reader.remaining} bytes follow the last storage`);
  }
}
