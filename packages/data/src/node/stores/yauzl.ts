/** Reads the directories of zip archives; this is the only file that knows where it comes from. */
export type YauzlModule = typeof import('yauzl');
export type { Entry as ZipEntry } from 'yauzl';

/** Loads yauzl when the first archive needs it. */
export async function loadYauzl(): Promise<YauzlModule> {
  // A CommonJS module: what it exports is its default.
  return (await import('yauzl')).default;
}
