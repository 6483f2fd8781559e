// TensorFlow as `alexnet setup tfjs` leaves it, under the oldest Node and the newest; and disks that are too small.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, type TestContext, test } from 'vitest';
import { requireOrSkip } from './require.ts';
import { COMPILER, Machine } from './setup-tfjs/machine.ts';
import { writeWheel } from './setup-tfjs/write-wheel.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');
const VERIFICATION = join(ROOT, 'apps/cli/dist/setup/verification-process.js');
const { ALEXNET_TFJS: directory, ALEXNET_NODES: nodes } = process.env;
const NO_TFJS =
  'ALEXNET_TFJS is not set: the folder of a package that `node scripts/tfjs.mjs` sets up.';
const NO_NODES = 'ALEXNET_NODES is not set: a folder that `node scripts/node-versions.mjs` fills.';

describe('one binding, built once', () => {
  test.for(['node-oldest', 'node-newest'])('trains under %s', (name, context) => {
    requireOrSkip(context, 'TFJS', directory !== undefined, NO_TFJS);
    requireOrSkip(context, 'NODES', nodes !== undefined, NO_NODES);
    const node = join(nodes ?? '', name, 'bin', 'node');
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    const args = [VERIFICATION, '@tensorflow/tfjs-node', directory ?? ''];
    const { stdout, stderr, status } = spawnSync(node, args, { encoding: 'utf8' });
    expect({ stderr: status === 0 ? '' : stderr, status }).toEqual({ stderr: '', status: 0 });
    const outcome = JSON.parse(stdout) as Outcome;
    expect(outcome).toMatchObject({ tfjs: '4.22.0', tensorflow: '2.21.0', device: 'cpu' });
    expect(`v${outcome.node}`).toBe(version);
    expect(outcome.gradientError).toBeLessThan(1e-4);
    expect(outcome.lossAfter).toBeLessThan(outcome.lossBefore);
  });
});

test('a second run is quick, and says that it is there', (context) => {
  requireOrSkip(context, 'TFJS', directory !== undefined, NO_TFJS);
  const beginMs = performance.now();
  const args = [CLI, 'setup', 'tfjs'];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  // On a machine that does nothing else it takes half a second.
  expect(performance.now() - beginMs).toBeLessThan(5000);
  expect({ stdout, stderr, status }).toEqual({
    stdout: `@tensorflow/tfjs-node 4.22.0 on TensorFlow 2.21.0 is set up already: ${directory}\n`,
    stderr: '',
    status: 0,
  });
});

describe('a disk that is too small', () => {
  let machine: Machine | undefined;
  afterEach(() => {
    if (!machine) return;
    execFileSync('umount', [join(machine.folder, 'cache')]);
    machine[Symbol.dispose]();
    machine = undefined;
  });

  /** A machine whose cache is a disk in memory. */
  function createMachine(context: TestContext, options: string): Machine {
    const created = new Machine(COMPILER);
    const disk = join(created.folder, 'cache');
    mkdirSync(disk);
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);
    if (status === 0) machine = created;
    else created[Symbol.dispose]();
    requireOrSkip(context, 'TMPFS', status === 0, 'mounting a small disk needs root on Linux');
    return created;
  }

  test('is refused before anything is fetched, with both numbers', (context) => {
    const small = createMachine(context, 'size=1024k');
    const wheel = small.write('some.whl', writeWheel());
    const { stderr, status } = small.call(['--wheel', wheel]);
    expect(stderr).toMatch(
      /^error: .*\/tfjs has 1\.0 MiB left, and 305\.2 MiB are needed\.\nhint: .*ALEXNET_CACHE\.\n$/,
    );
    expect(status).toBe(1);
    expect(small.left()).toEqual([]);
  });

  test('that fills up meanwhile leaves nothing', (context) => {
    // Room for bytes, and for five files.
    const small = createMachine(context, 'size=1024k,nr_inodes=6');
    small.installPackage();
    const wheel = small.write('some.whl', writeWheel());
    const { stderr, status } = small.call(['--wheel', wheel]);
    expect(stderr).toMatch(/^error: The disk ran full while .* was written\./m);
    expect(stderr).toMatch(/^hint: Make room/m);
    expect(status).toBe(1);
    expect(small.left()).toEqual([]);
  });
});

interface Outcome {
  readonly node: string;
  readonly gradientError: number;
  readonly lossBefore: number;
  readonly lossAfter: number;
}
