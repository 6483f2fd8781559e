// `alexnet setup tfjs` on machines that lack something: each says what, and how to mend it, and leaves nothing behind.
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requireOrSkip } from './require.ts';
import { COMPILER, Machine, type Programs } from './setup-tfjs/machine.ts';
import { type WheelOptions, writeWheel, writeZip } from './setup-tfjs/write-wheel.ts';

const PINNED = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl';
const isSupported = process.platform === 'linux' && process.arch === 'x64';

beforeEach((context) => {
  requireOrSkip(context, 'LINUX_X64', isSupported, 'TensorFlow is set up on Linux x64 alone');
});

let machine: Machine | undefined;
function createMachine(programs: Programs): Machine {
  machine = new Machine(programs);
  return machine;
}
afterEach(() => {
  machine?.[Symbol.dispose]();
  machine = undefined;
});

/** One error and one hint, no stack, nothing on stdout. */
function expectRefusal(
  { status, stdout, stderr }: { status: number | null; stdout: string; stderr: string },
  { error, hint, exit = 1 }: { error: RegExp; hint: RegExp; exit?: number },
) {
  expect(stderr).toMatch(error);
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
  expect(/^hint: (.*)$/m.exec(stderr)?.[1]).toMatch(hint);
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(stdout).toBe('');
  expect(status).toBe(exit);
}

describe('what is missing', () => {
  test.each<[string, Programs, Programs, RegExp, RegExp]>([
    ['no compiler', {}, {}, /no C\+\+ compiler: neither g\+\+/, /apt-get install -y g\+\+/],
    [
      'a compiler that is not there',
      COMPILER,
      { CXX: '/nowhere/c++' },
      /CXX names .*\/nowhere\/c\+\+/,
      /apt-get/,
    ],
    [
      'no Python',
      COMPILER,
      {},
      /no Python, .*neither python3 nor python/,
      /apt-get install -y python3-pip.*--wheel/,
    ],
    [
      'a Python without pip',
      { ...COMPILER, python3: '[ "$1" = --version ]' },
      {},
      /python3 has no pip/,
      /apt-get install -y python3-pip.*--wheel/,
    ],
    [
      'a Python that is not there',
      COMPILER,
      { ALEXNET_PYTHON: '/nowhere/python' },
      /ALEXNET_PYTHON names .*\/nowhere\/python/,
      /apt-get/,
    ],
  ])('%s', (_, programs, environment, error, hint) => {
    const { call, left } = bind(createMachine(programs));
    expectRefusal(call([], environment), { error, hint });
    expect(left()).toEqual([]);
  });
});

/** A pip that does this when it is called to download; `$last` is the folder that it is to download into. */
function pip(download: string): Programs {
  const script = `[ "$3" = --version ] && exit 0\nfor last; do :; done\n${download}`;
  return { ...COMPILER, python3: script };
}

describe('what pip does not bring', () => {
  test.each([
    [
      'a broken connection',
      'echo "ReadTimeoutError: Read timed out." >&2; exit 2',
      /pip did not fetch tensorflow-cpu 2\.21\.0:\n.*Read timed out/,
      /HTTPS_PROXY.*--wheel PATH/,
    ],
    [
      'a full disk',
      'echo "OSError: [Errno 28] No space left on device" >&2; exit 1',
      /The disk ran full while pip fetched/,
      /ALEXNET_CACHE/,
    ],
    ['nothing', 'exit 0', /pip did not fetch/, /--wheel PATH/],
  ])('%s', (_, download, error, hint) => {
    const { call, left } = bind(createMachine(pip(download)));
    expectRefusal(call([]), { error, hint });
    expect(left()).toEqual([]);
  });

  test('a download that was cut', () => {
    const machine = createMachine(pip(`head -c 900 "$HOME/whole.whl" > "$last/${PINNED}"`));
    machine.write('whole.whl', writeWheel());
    expectRefusal(machine.call([]), { error: new RegExp(`${PINNED} is cut short`), hint: /again/ });
    expect(machine.left()).toEqual([]);
  });

  test('another file by that name', () => {
    const machine = createMachine(pip(`cp "$HOME/other.whl" "$last/${PINNED}"`));
    machine.write('other.whl', writeWheel());
    expectRefusal(machine.call([]), {
      error:
        /not what PyPI has by that name: its sha256 is [0-9a-f]{64}, and that of .* is 2b847d217b02/,
      hint: /fetch it again/,
    });
    expect(machine.left()).toEqual([]);
  });
});

describe('wheels that are given', () => {
  test.each<[string, WheelOptions, RegExp]>([
    [
      'of another project',
      { name: 'numpy' },
      /is of numpy; what is needed is tensorflow-cpu 2\.21\.0/,
    ],
    ['for cards', { name: 'tensorflow' }, /is of tensorflow; --gpu takes it/],
    ['of another version', { version: '2.9.1' }, /is version 2\.9\.1; .* 2\.21\.0/],
    [
      'for macOS',
      { tag: 'cp311-cp311-macosx_12_0_arm64' },
      /another platform \(cp311-cp311-macosx/,
    ],
    ['for ARM', { tag: 'cp311-cp311-manylinux_2_27_aarch64' }, /another platform .*aarch64/],
  ])('%s', (_, options, error) => {
    const machine = createMachine(COMPILER);
    const path = machine.write('some.whl', writeWheel(options));
    expectRefusal(machine.call(['--wheel', path]), {
      error,
      hint: /pip download .*tensorflow-cpu==2\.21\.0/,
    });
    expect(machine.left()).toEqual([]);
  });

  test.each<[string, Buffer | string, RegExp]>([
    ['cut short', writeWheel().subarray(0, 900), /some\.whl is cut short or damaged/],
    ['a web page', '<html>404</html>', /some\.whl is no wheel: a wheel is a zip archive/],
    ['empty', '', /some\.whl is no wheel/],
    [
      'another zip archive',
      writeZip([['a.txt', Buffer.from('a')]]),
      /no wheel: .*without a \.dist-info/,
    ],
  ])('%s', (_, content, error) => {
    const machine = createMachine(COMPILER);
    const path = machine.write('some.whl', content);
    expectRefusal(machine.call(['--wheel', path]), { error, hint: /etch it again|PyPI/ });
    expect(machine.left()).toEqual([]);
  });

  test('damaged within: found by the checksum of its RECORD', () => {
    const machine = createMachine(COMPILER);
    machine.installPackage();
    const path = machine.write('some.whl', writeWheel({ damaged: true }));
    expectRefusal(machine.call(['--wheel', path]), {
      error: /some\.whl is damaged at tensorflow\/libtensorflow_cc\.so\.2: its sha256/,
      hint: /Fetch it again/,
    });
    expect(machine.left()).toEqual([]);
  });

  test('missing, or a folder', () => {
    const machine = createMachine(COMPILER);
    const missing = machine.call(['--wheel', join(machine.folder, 'none.whl')]);
    expectRefusal(missing, { error: /There is no file .*none\.whl/, hint: /Check/ });
    const folder = machine.call(['--wheel', machine.folder]);
    expectRefusal(folder, { error: /is a folder, not a file/, hint: /Name a file/, exit: 2 });
  });

  test('both a wheel and a folder is wrong use', () => {
    const machine = createMachine(COMPILER);
    const { status, stderr } = machine.call(['--wheel', 'a', '--libtensorflow', 'b']);
    expect(stderr).toMatch(
      /'--libtensorflow <folder>' cannot be used with option '--wheel <file>'/,
    );
    expect(status).toBe(2);
  });

  test('a folder without a library', () => {
    const machine = createMachine(COMPILER);
    expectRefusal(machine.call(['--libtensorflow', machine.folder]), {
      error: /is no unpacked libtensorflow: there is no libtensorflow\.so\.2/,
      hint: /unpacked/,
    });
  });
});

describe('building and verifying', () => {
  /** A machine with all but what the compiler makes. */
  function createReadyMachine(compile: string) {
    const ready = createMachine({
      'g++': `[ "$1" = --version ] && exit 0\nfor last; do :; done\n${compile}`,
    });
    const directory = ready.installPackage();
    return { machine: ready, directory, wheel: ready.write('some.whl', writeWheel()) };
  }
  const untouched = ['index.js', 'package.json'];

  test('a compiler that fails is quoted', () => {
    const { machine, directory, wheel } = createReadyMachine(
      'echo "fatal error: string: No such file" >&2; exit 1',
    );
    expectRefusal(machine.call(['--wheel', wheel]), {
      error:
        /g\+\+ could not build the binding \(exit code 1\):\nfatal error: string: No such file/,
      hint: /apt-get install -y g\+\+/,
    });
    expect(machine.left()).toEqual([]);
    expect(readdirSync(directory).sort()).toEqual(untouched);
  });

  test('a package that does not load is taken back', () => {
    const { machine, directory, wheel } = createReadyMachine('echo "no library" > "$last"');
    expectRefusal(machine.call(['--wheel', wheel]), {
      error: /tfjs-node in .* does not train:\n(?:.*\n)*.*there is nothing in it/,
      hint: /alexnet setup tfjs --remove/,
    });
    expect(machine.left()).toEqual([]);
    expect(readdirSync(directory).sort()).toEqual(untouched);
  });

  test('a compiler that makes nothing is not believed', () => {
    const { machine, wheel } = createReadyMachine('exit 0');
    expectRefusal(machine.call(['--wheel', wheel]), {
      error: /g\+\+ could not build the binding \(exit code 0\)/,
      hint: /apt-get install -y g\+\+/,
    });
    expect(machine.left()).toEqual([]);
  });

  test('an unpacked wheel serves as libtensorflow; only headers that are needed reach the compiler', () => {
    const { machine } = createReadyMachine(
      `find "$HOME/cache" -path "*/include/*" -name "*.h" >&2; exit 1`,
    );
    const files = [
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
      'include/tensorflow/c/c_api.h',
      'include/tensorflow/cc/ops.h',
    ];
    for (const file of files) machine.write(`unpacked/tensorflow/${file}`, 'x');
    const { stderr } = machine.call(['--libtensorflow', join(machine.folder, 'unpacked')]);
    expect(stderr).toMatch(/exit code 1\):\n\S+\/partial\/include\/tensorflow\/c\/c_api\.h\nhint/);
  });

  test('another version in the project is not built on', () => {
    const { machine, wheel } = createReadyMachine('exit 1');
    machine.installPackage('4.10.0');
    expectRefusal(machine.call(['--wheel', wheel]), {
      error: /has @tensorflow\/tfjs-node 4\.10\.0, and 4\.22\.0 is needed/,
      hint: /npm install --ignore-scripts @tensorflow\/tfjs-node@4\.22\.0/,
    });
  });

  test('a package that its own installer has finished is left as it is', () => {
    const { machine, wheel } = createReadyMachine('exit 1');
    const own = machine.write(
      'project/node_modules/@tensorflow/tfjs-node/deps/lib/libtensorflow.so.2',
      'own',
    );
    expectRefusal(machine.call(['--wheel', wheel]), {
      error: /has libraries of another origin: .*\/deps\/lib\./,
      hint: /takes them as they are.*rm -r/,
    });
    expect(existsSync(own)).toBe(true);
    expect(machine.left()).toEqual([]);
  });

  test('npm without its registry is quoted', () => {
    const machine = createMachine(COMPILER);
    const wheel = machine.write('some.whl', writeWheel());
    const refused = machine.call(['--wheel', wheel], {
      npm_config_registry: 'http://127.0.0.1:1/',
      npm_config_fetch_retries: '0',
    });
    expectRefusal(refused, {
      error: /npm did not install @tensorflow\/tfjs-node 4\.22\.0:\n(?:.*\n)*.*ECONNREFUSED/,
      hint: /npm ping/,
    });
    expect(machine.left()).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    '%s in the middle leaves nothing that counts',
    async (signal) => {
      const { machine, directory, wheel } = createReadyMachine(
        'echo > "$HOME/compiling"; sleep 10',
      );
      const child = machine.start(['--wheel', wheel]);
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      while (!existsSync(join(machine.folder, 'compiling'))) await sleep(20);
      const ended = once(child, 'close');
      child.kill(signal);
      const [code] = await ended;
      expect(existsSync(join(machine.root, 'installed.json'))).toBe(false);
      expect(readdirSync(directory).sort()).toEqual(untouched);
      if (signal === 'SIGKILL') {
        expect(machine.left()).toContain('partial');
        expect(machine.call(['--remove']).stdout).toMatch(/^Removed what was left from /);
      } else {
        expect(stderr).toMatch(/^error: @tensorflow\/tfjs-node was not set up\.\nhint: /m);
        expect(code).toBe(1);
      }
      expect(machine.left()).toEqual([]);
    },
  );
});

describe('--remove', () => {
  test('says that there is nothing', () => {
    const machine = createMachine({});
    const { status, stdout, stderr } = machine.call(['--remove']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`Nothing is set up in ${machine.root}.\n`);
  });

  test('a list that is damaged hinders neither removing nor setting up', () => {
    const machine = createMachine(COMPILER);
    const damaged = () => machine.write('cache/tfjs/installed.json', '[{"package":');
    damaged();
    expectRefusal(machine.call([]), { error: /no Python/, hint: /apt-get/ });
    damaged();
    const { status, stdout, stderr } = machine.call(['--remove', '--json']);
    expect(stderr).toMatch(
      /^note: .*installed\.json is not JSON\. What it listed is taken for gone\.\n$/,
    );
    expect({ status, answer: JSON.parse(stdout) }).toEqual({
      status: 0,
      answer: { removed: [], freedBytes: 12 },
    });
    expect(existsSync(machine.root)).toBe(false);
  });

  test('with another option is wrong use', () => {
    const { status, stderr } = createMachine({}).call(['--remove', '--gpu']);
    expect(stderr).toMatch(/'--remove' cannot be used with option '--gpu'/);
    expect(status).toBe(2);
  });
});

function bind(machine: Machine) {
  return { call: machine.call.bind(machine), left: machine.left.bind(machine) };
}
