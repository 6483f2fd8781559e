import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

const MOST_OPEN = 16;

/** Fills bytes from a position of a file on; whether all of them were there. */
export type FileReader = (path: string, out: Uint8Array, position: number) => boolean;

/** Reads parts of files, the last used of which stay open. They are closed with the thread. */
export function createFileReader(): FileReader {
  const files = new Map<string, number>();
  function use(path: string): number {
    const known = files.get(path);
    const file = known ?? openSync(path, 'r');
    // The order of a map is that of the entries' coming: the first one has waited longest.
    files.delete(path);
    files.set(path, file);
    const [oldest] = files;
    if (files.size > MOST_OPEN && oldest) {
      files.delete(oldest[0]);
      closeSync(oldest[1]);
    }
    return file;
  }
  return (path, out, position) => {
    try {
      const file = use(path);
      for (let done = 0; done < out.length; ) {
        const count = readSync(file, out, done, out.length - done, position + done);
        if (count === 0) return false;
        done += count;
      }
      return true;
    } catch {
      // Whoever reads it next says why.
      return false;
    }
  };
}

/** All of a file; `null` if it is none, has more bytes, or cannot be read. Whoever reads it next says why. */
export function readSmallFile(path: string, maxBytes: number): Uint8Array | null {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= maxBytes ? readFileSync(path) : null;
  } catch {
    return null;
  }
}
