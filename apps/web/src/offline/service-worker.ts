declare const self: ServiceWorkerGlobalScope;

/** Paths of the page's own files; the build fills them in. */
const FILES: readonly string[] = JSON.parse('["FILES"]');
/** Named by what is in it: another build is another cache. */
const CACHE = 'alexnet-page-VERSION';
const PREFIX = 'alexnet-page-';

/**
 * With these a page may share memory with its workers, and WASM may use threads: static hosts do not send
 * them.
 */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
} as const;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(removeOldCaches());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOwn = new URL(request.url).origin === self.location.origin;
  if (!isOwn || request.method !== 'GET') return;
  event.respondWith(answer(request).then(isolate));
});

/** The page comes from the network while there is one, so that a new build is seen; its files belong to a build. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  if (request.mode === 'navigate') {
    return fetch(request).catch(async (error: unknown) => {
      const page = await cache.match('index.html');
      if (page) return page;
      throw error;
    });
  }
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  // Other models are kept by the runtime, which checks them.
  if (response.status === 200 && request.url.includes('/assets/')) {
    await cache.put(request, response.clone());
  }
  return response;
}

function isolate(response: Response): Response {
  if (response.type === 'error' || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

async function removeOldCaches(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}
