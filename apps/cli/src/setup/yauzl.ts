/** Reads zip archives; this is the only file here that knows where it comes from. */
export type YauzlModule = typeof import('yauzl');
export type { Entry as ZipEntry, ZipFile } from 'yauzl';

/** Loads yauzl when the first wheel needs it. */
export async function loadYauzl(): Promise<YauzlModule> {
  // A CommonJS module: what it exports is its default.
  return (await import('yauzl')).default;
}
