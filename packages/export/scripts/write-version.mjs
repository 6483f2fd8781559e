// Writes the version of package.json into src/version.ts: run after `changeset version`.
import { readFileSync, writeFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const file = new URL('../src/version.ts', import.meta.url);
const text = readFileSync(file, 'utf8');
writeFileSync(file, text.replace(/(PRODUCER_VERSION = ')[^']*/, `$1${version}`));
