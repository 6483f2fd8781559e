import { damagedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import { MAX_NAME_BYTES } from './limits.ts';

/** @throws {@link AlexNetError} `INVALID_MODEL` if it is too long or no UTF-8 */
export function decodeName(bytes: Uint8Array, place: string): string {
  if (bytes.length > MAX_NAME_BYTES) {
    throw damagedFile(
      place,
      `an entry's name has ${bytes.length} bytes, more than the limit of ${MAX_NAME_BYTES}`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw damagedFile(place, "an entry's name is not UTF-8", { cause });
  }
}

/**
 * Nothing is ever unpacked to a disk; a name that would leave the folder there is still no name that any
 * writer of weights gives.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`
 */
export function checkName(name: string, place: string): void {
  const refuse = (why: string): never => {
    throw damagedFile(place, `entry ${quoteName(name)} ${why}`, {
      hint: 'Files like this are made to overwrite others when they are unpacked. Do not unpack it.',
    });
  };
  if (name === '') refuse('has no name');
  if (name.includes('\0')) refuse('has a null byte in its name');
  if (name.startsWith('/') || name.startsWith('\\')) refuse('has an absolute path');
  if (/^[A-Za-z]:/.test(name)) refuse('names a drive');
  if (name.split(/[/\\]/).includes('..')) refuse('climbs out of its folder');
}
