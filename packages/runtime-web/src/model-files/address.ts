import { AlexNetError } from '@alexnet/core';

/**
 * An address as the page means it: relative ones start at the page, in a worker at the worker's script.
 *
 * @param option - what it is the address of, for messages
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` for what is no address that can be fetched
 */
export function toAddress(source: string | URL, option: string): URL {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  const url = URL.canParse(source, base) ? new URL(source, base) : null;
  if (url && /^(?:https?|blob|data):$/.test(url.protocol)) return url;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `"${String(source).slice(0, 200)}" is no address that a browser can fetch.`,
    hint: 'Give an http(s), blob: or data: address, or one relative to the page; a file of the user as a File.',
    path: [option],
  });
}
