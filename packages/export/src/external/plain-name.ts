const MAX_NAME_LENGTH = 255;

/**
 * Whether a name that comes out of a file is that of a file in the same folder: a path, however it is written, would
 * let a model name any file of the reader's (CVE-2022-25882, CVE-2024-27318, CVE-2025-51480).
 */
export function isPlainName(name: string): boolean {
  return (
    name !== '' &&
    name.length <= MAX_NAME_LENGTH &&
    !/[\\/:\p{Cc}]/u.test(name) &&
    !/^\.+$/.test(name)
  );
}
