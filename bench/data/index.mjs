// How long a data set of a million pictures takes to be opened, and how much memory: a list, a table, a tar archive, a
// folder tree. Each is opened three times, in a process of its own. What is opened is made once, in a folder of the
// system's temporary files (3 GB), and stays there unless "--remove" is given.
//
//   node bench/data/index.mjs [entries] [--remove]
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIDE = 1000;
const RUNS = 3;
const [, script, ...args] = process.argv;

if (args[0] === '--open') await open(args[1]);
else compare();

/** In a process of its own: opens, and says what it took. */
async function open(path) {
  const { openDataset } = await import('@alexnet/data/node');
  const startedMs = performance.now();
  const { kind, training } = await openDataset(path);
  const seconds = (performance.now() - startedMs) / 1000;
  const last = training.length - 1;
  const entry = `${training.keyOf(last)} ${training.labels[training.labelOf(last)]}`;
  const megabytes = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ kind, length: training.length, entry, seconds, megabytes }));
}

function compare() {
  const entries = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 1_000_000);
  const folder = join(tmpdir(), `alexnet-index-${entries}`);
  if (!existsSync(folder)) make(folder, entries);
  const sources = { list: 'train.txt', table: 'train.csv', tar: 'photos.tar', folder: 'photos' };
  console.log('source   pictures   seconds (median of 3)   MB at most   last entry');
  for (const [name, file] of Object.entries(sources)) {
    const runs = Array.from({ length: RUNS }, () =>
      JSON.parse(
        execFileSync(process.execPath, [script, '--open', join(folder, file)], {
          encoding: 'utf8',
        }),
      ),
    );
    const seconds = runs.map((run) => run.seconds).sort((a, b) => a - b)[1];
    const megabytes = Math.max(...runs.map((run) => run.megabytes));
    const { kind, length, entry } = runs[0];
    console.log(
      `${name} (${kind})  ${length}  ${seconds.toFixed(2)}  ${megabytes.toFixed(0)}  ${entry}`,
    );
  }
  if (args.includes('--remove')) rmSync(folder, { recursive: true });
}

/** A thousand classes, each with as many pictures: a byte of content each, as none is read. */
function make(folder, entries) {
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(join(making, 'photos'), { recursive: true });
  const files = ['train.txt', 'train.csv', 'photos.tar'].map((name) =>
    openSync(join(making, name), 'w'),
  );
  const [list, table, tar] = files;
  writeSync(table, 'file,label\n');
  for (let label = 0; label < SIDE; label++) {
    const name = `class-${String(label).padStart(4, '0')}`;
    mkdirSync(join(making, 'photos', name));
    const paths = Array.from(
      { length: entries / SIDE },
      (_, i) => `${name}/photograph-${String(i).padStart(6, '0')}.jpg`,
    );
    writeSync(list, paths.map((path) => `photos/${path} ${label}\n`).join(''));
    writeSync(table, paths.map((path) => `photos/${path},${name}\n`).join(''));
    writeSync(tar, Buffer.concat(paths.map(tarEntry)));
    for (const path of paths) closeSync(openSync(join(making, 'photos', path), 'w'));
  }
  writeSync(tar, Buffer.alloc(1024));
  for (const file of files) closeSync(file);
  renameSync(making, folder);
}

/** A header of POSIX's ustar and one block of content. */
function tarEntry(path) {
  const entry = Buffer.alloc(1024);
  entry.write(`photos/${path}`, 0);
  entry.write('0000644\0', 100);
  entry.write('00000000001\0', 124);
  entry.write('        0ustar\0', 148);
  entry.write('00', 263);
  const sum = entry.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  entry.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return entry;
}
