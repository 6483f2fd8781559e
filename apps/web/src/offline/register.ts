/**
 * Keeps the page for use without a network: from the next visit on, a service worker answers from its cache.
 * Where there is none (some private windows), the page works without.
 */
export function keepOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  // Its failure takes nothing away from a page that has loaded.
  navigator.serviceWorker.register('./offline.js').catch(() => {});
}
