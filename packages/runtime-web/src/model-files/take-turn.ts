/**
 * Runs work when nobody else on this origin holds the same name: other tabs and workers wait for it.
 *
 * @throws the signal's reason, if it comes while waiting
 */
export async function takeTurn<T>(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  // Browsers have locks where they have a cache: on pages over https.
  if (globalThis.navigator?.locks === undefined) return work();
  return navigator.locks.request(name, signal ? { signal } : {}, work);
}
