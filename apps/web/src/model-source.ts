import { AlexNetError } from '@alexnet/core';

/** Where a model comes from. */
export interface ModelSource {
  /** What the page calls it. */
  readonly name: string;
  /** An address on the page's own server, or a file that somebody chose. */
  readonly from: string | File;
}

/** Longest part of an address in a message. */
const MAX_SHOWN = 200;

/**
 * The model that the page's address asks for: `?model=models/mine.onnx`.
 *
 * @param page - the page's own address; a relative one of a model starts there
 * @returns `null` if it asks for none
 * @throws {@link AlexNetError} `UNSUPPORTED` for a model of another server, which the page's security policy
 *   does not let it read
 */
export function readModelAddress(page: URL): ModelSource | null {
  const asked = page.searchParams.get('model');
  if (!asked) return null;
  const address = URL.canParse(asked, page.href) ? new URL(asked, page.href) : null;
  if (address?.origin === page.origin) {
    return { name: address.pathname.split('/').at(-1) || asked, from: address.href };
  }
  throw new AlexNetError('UNSUPPORTED', {
    message: `The page reads models of its own server only, not ${asked.slice(0, MAX_SHOWN)}.`,
    hint: 'Download the model and open the file, or put it on the server of this page.',
    path: ['model'],
  });
}
