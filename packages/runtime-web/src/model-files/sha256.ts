import { AlexNetError } from '@alexnet/core';

/** Whether digests can be computed here: browsers offer them to pages over https and on localhost only. */
export function canHash(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** SHA-256 in hexadecimal; computed outside of the JavaScript thread. */
export async function hashBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * @param actual - `null` where it could not be computed
 * @throws {@link AlexNetError} `INVALID_MODEL` with both, `UNSUPPORTED` on pages over plain http
 */
export function checkSha256(name: string, actual: string | null, expected: string): void {
  if (actual === expected) return;
  if (actual === null) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `The SHA-256 of ${name} cannot be checked: ${location.origin} is not served over https.`,
      hint: 'Serve the page over https or on localhost, or leave "sha256" out.',
      path: ['sha256'],
    });
  }
  throw new AlexNetError('INVALID_MODEL', {
    message: `${name} has the SHA-256 ${actual}, but ${expected} is expected.`,
    hint: 'It is another version of the file, or damaged: fetch or export it again, or correct the "sha256".',
    path: [name],
  });
}
