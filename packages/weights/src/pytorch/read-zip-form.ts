import type { ByteOrder } from '../elements/element-type.ts';
import { damagedFile, unsupportedFile } from '../file-error.ts';
import { readWholePickle } from '../pickle/read-pickle.ts';
import type { PickleValue } from '../pickle/values.ts';
import { readZip, type ZipArchive } from '../zip/read-zip.ts';
import { PYTORCH_GLOBALS, REFUSAL_HINT } from './pytorch-globals.ts';
import { StorageTable } from './storage-table.ts';

const PICKLE = '/data.pkl';

export interface SavedObject {
  readonly value: PickleValue;
  readonly byteOrder: ByteOrder;
  /** Of the whole file, unpacked. */
  readonly sizeBytes: number;
}

/**
 * Reads what `torch.save` writes since 1.6: a zip archive with a pickle, and the bytes of each storage as an entry of
 * its own. Checksums are not compared: PyTorch does not either, and can be told to leave them out.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED` (TorchScript)
 * @see pytorch/pytorch, torch/serialization.py, `_save`
 */
export async function readZipForm(bytes: Uint8Array, place: string): Promise<SavedObject> {
  const archive = readZip(bytes, place);
  const folder = findFolder(archive, place);
  const readText = async (name: string): Promise<string | undefined> => {
    const entry = archive.get(`${folder}/${name}`);
    if (entry === undefined) return undefined;
    const content = await entry.read({ isChecked: false });
    return String.fromCharCode(...content.subarray(0, 20)).trim();
  };
  const byteOrder = (await readText('byteorder')) ?? 'little';
  if (byteOrder !== 'little' && byteOrder !== 'big') {
    throw damagedFile(place, 'its entry "byteorder" says neither "little" nor "big"');
  }
  const table = new StorageTable(place);
  const pickle = await archive.get(`${folder}${PICKLE}`)?.read({ isChecked: false });
  const value = readWholePickle(pickle ?? new Uint8Array(), {
    place: `${place}, data.pkl`,
    globals: PYTORCH_GLOBALS,
    fileBytes: bytes.length,
    loadPersistent: (id) => table.load(id),
    refusalHint: REFUSAL_HINT,
  });
  for (const storage of table.storages.values()) {
    const entry = archive.get(`${folder}/data/${storage.key}`);
    if (entry) storage.fill(await entry.read({ isChecked: false }), place);
  }
  const sizeBytes = [...archive.values()].reduce((sum, entry) => sum + entry.sizeBytes, 0);
  return { value, byteOrder, sizeBytes };
}

/** The folder that everything lies in, named as the file was when it was written. */
function findFolder(archive: ZipArchive, place: string): string {
  const folders = [...archive.keys()]
    .filter((name) => name.endsWith(PICKLE) && name.indexOf('/') === name.length - PICKLE.length)
    .map((name) => name.slice(0, -PICKLE.length));
  const [folder] = folders;
  if (folder === undefined || folders.length > 1) {
    throw damagedFile(place, `it has ${folders.length} entries "data.pkl" of PyTorch, not one`);
  }
  if (archive.has(`${folder}/constants.pkl`)) {
    throw unsupportedFile(
      place,
      'it is a TorchScript program, not weights',
      "Save its weights in Python: torch.save(torch.jit.load('model.pt').state_dict(), 'weights.pth').",
    );
  }
  return folder;
}
