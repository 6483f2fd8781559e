import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { attachLibrary, linkLibraries } from './attach-library.ts';
import { addToList } from './installed-list.ts';
import { removeTfjs } from './remove-tfjs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-remove-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('takes everything away, of packages that were found what it put into them', async () => {
  const context = { root: join(folder, 'tfjs'), onNote: () => {} };
  const versions = { tfjs: '4.22.0', tensorflow: '2.21.0' };
  const places = {
    cpu: join(context.root, 'cpu', 'node_modules', 'tfjs-node'),
    gpu: join(folder, 'project', 'tfjs-node-gpu'),
  };
  for (const [name, directory] of Object.entries(places)) {
    const lib = join(context.root, name, 'lib');
    const binding = join(folder, 'binding.node');
    for (const each of [lib, directory]) await mkdir(each, { recursive: true });
    await writeFile(join(lib, 'libtensorflow_cc.so.2'), Buffer.alloc(1000));
    await writeFile(binding, Buffer.alloc(10));
    await linkLibraries(lib);
    await attachLibrary(directory, { lib, binding });
  }
  const cpu = { package: '@tensorflow/tfjs-node', directory: places.cpu, gpu: false } as const;
  const gpu = { package: '@tensorflow/tfjs-node-gpu', directory: places.gpu, gpu: true } as const;
  const installed = [
    { ...cpu, ...versions },
    { ...gpu, ...versions },
  ];
  for (const each of installed) await addToList(each, context);

  const listBytes = Buffer.byteLength(`${JSON.stringify(installed, null, 2)}\n`);
  expect(await removeTfjs(context)).toEqual({
    removed: installed,
    // Two libraries, and the binding that lies beneath.
    freedBytes: 2 * 1000 + 10 + listBytes,
  });
  expect(existsSync(context.root)).toBe(false);
  expect(await readdir(places.gpu)).toEqual([]);
  expect((await readdir(folder)).sort()).toEqual(['binding.node', 'project']);
  expect(await removeTfjs(context)).toEqual({ removed: [], freedBytes: 0 });
});
