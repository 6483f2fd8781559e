import { readJson } from '@alexnet/core';
import type { Validators } from './request.ts';
import { hashBytes } from './sha256.ts';

/** Raised when what is kept changes its form. */
const CACHE_NAME = 'alexnet-models-1';
/** Keys have to be addresses; nothing is ever fetched from these. */
const ORIGIN = 'https://alexnet.invalid';

/** What is known of the file at a URL. */
export interface UrlEntry extends Validators {
  readonly sha256: string;
  readonly storedAtMs: number;
}

/** `altered`: what was kept is no longer what was stored, and is gone now. */
export type Content = Uint8Array<ArrayBuffer> | 'missing' | 'altered';

/** Files by their SHA-256, and what lies at which URL. */
export interface FileCache {
  readContent(sha256: string): Promise<Content>;
  /** @throws what the browser throws, for want of room above all */
  writeContent(sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  readEntry(url: URL): Promise<UrlEntry | null>;
  /** Also lets go of what lay at the URL before. */
  writeEntry(url: URL, entry: UrlEntry): Promise<void>;
  /** A short text under a name of the caller's. */
  readNote(name: string): Promise<string | null>;
  writeNote(name: string, text: string): Promise<void>;
}

/** Opens the browser's cache of models; `null` where there is none, as on pages over plain http. */
export async function openFileCache(): Promise<FileCache | null> {
  if (globalThis.caches === undefined || globalThis.crypto?.subtle === undefined) return null;
  // A page without storage (sandboxed, or cookies blocked) has the interface, but may not use it.
  const cache = await caches.open(CACHE_NAME).catch(() => null);
  return cache && wrapCache(cache);
}

/** Forgets all models and findings that were kept; says whether there were any. */
export function clearModelCache(): Promise<boolean> {
  return globalThis.caches?.delete(CACHE_NAME) ?? Promise.resolve(false);
}

function wrapCache(cache: Cache): FileCache {
  const read = async (key: string): Promise<Response | null> => (await cache.match(key)) ?? null;
  const readEntry = async (key: string): Promise<UrlEntry | null> =>
    parseEntry((await (await read(key))?.text()) ?? null);
  return {
    async readContent(sha256) {
      const kept = await read(contentKey(sha256));
      if (!kept) return 'missing';
      const bytes = new Uint8Array(await kept.arrayBuffer());
      if ((await hashBytes(bytes)) === sha256) return bytes;
      await cache.delete(contentKey(sha256));
      return 'altered';
    },
    writeContent: (sha256, bytes) => cache.put(contentKey(sha256), new Response(bytes)),
    readEntry: (url) => readEntry(urlKey(url)),
    async writeEntry(url, entry) {
      const before = await readEntry(urlKey(url));
      await cache.put(urlKey(url), Response.json(entry));
      if (before === null || before.sha256 === entry.sha256) return;
      const keys = (await cache.keys()).filter((request) => request.url.startsWith(urlKey()));
      const entries = await Promise.all(keys.map((request) => readEntry(request.url)));
      const isUsed = entries.some((other) => other?.sha256 === before.sha256);
      if (!isUsed) await cache.delete(contentKey(before.sha256));
    },
    readNote: async (name) => (await (await read(noteKey(name)))?.text()) ?? null,
    writeNote: (name, text) => cache.put(noteKey(name), new Response(text)),
  };
}

const contentKey = (sha256: string): string => `${ORIGIN}/sha256/${sha256}`;
const urlKey = (url?: URL): string => `${ORIGIN}/url/${url ? encodeURIComponent(url.href) : ''}`;
const noteKey = (name: string): string => `${ORIGIN}/note/${encodeURIComponent(name)}`;

/** An entry that somebody else wrote, or an older release, is none. */
function parseEntry(text: string | null): UrlEntry | null {
  if (text === null) return null;
  try {
    const json = readJson(JSON.parse(text), { code: 'IO', what: 'a cached entry' });
    const header = (name: string): string | null => json.field(name).stringOrNull();
    return {
      sha256: json.field('sha256').string(),
      storedAtMs: json.field('storedAtMs').integer(),
      etag: header('etag'),
      lastModified: header('lastModified'),
      contentLength: header('contentLength'),
    };
  } catch {
    return null;
  }
}
