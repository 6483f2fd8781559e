import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TestFolders {
  readonly root: string;
  /** A new folder with these files, by their paths in it. */
  makeFolder(files: Readonly<Record<string, Uint8Array | string>>): string;
  remove(): void;
}

/** Folders of files in a folder of their own. */
export function createTestFolders(): TestFolders {
  const root = mkdtempSync(join(tmpdir(), 'alexnet-data-'));
  let made = 0;
  return {
    root,
    makeFolder(files) {
      const folder = join(root, `set-${made++}`);
      mkdirSync(folder);
      for (const [name, bytes] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), bytes);
      }
      return folder;
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}
