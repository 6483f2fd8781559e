/**
 * Version of this package, as it stands in the files that it writes; held to package.json by a test.
 * `node scripts/write-version.mjs` brings it up to date.
 */
export const PRODUCER_VERSION = '0.0.0';
