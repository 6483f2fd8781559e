import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');

/** Programs that a shell script of a few words stands for. */
export type Programs = Readonly<Record<string, string>>;

/** A compiler that is there and is not called, or that makes something that is no library. */
export const COMPILER: Programs = { 'g++': 'exit 0' };

/** The command on a machine that has these programs, an empty cache, and nothing else. */
export class Machine {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'alexnet-setup-'));
  /** All that is set up. */
  readonly root: string = join(this.folder, 'cache', 'tfjs');
  readonly project: string = join(this.folder, 'project');

  constructor(programs: Programs) {
    mkdirSync(join(this.folder, 'bin'));
    mkdirSync(this.project);
    for (const [name, script] of Object.entries(programs)) {
      const path = join(this.folder, 'bin', name);
      writeFileSync(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
      chmodSync(path, 0o755);
    }
  }

  write(name: string, content: Buffer | string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** Puts the package into the project as `npm install --ignore-scripts` does, if only its outside. */
  installPackage(version = '4.22.0'): string {
    const name = 'project/node_modules/@tensorflow/tfjs-node';
    this.write(`${name}/package.json`, JSON.stringify({ name: '@tensorflow/tfjs-node', version }));
    this.write(`${name}/index.js`, "throw new Error('there is nothing in it');\n");
    const headers = 'project/node_modules/node-api-headers';
    this.write(`${headers}/package.json`, '{ "name": "node-api-headers", "version": "1.9.0" }');
    this.write(`${headers}/include/node_api.h`, '\n');
    return join(this.folder, name);
  }

  environment(more: Programs = {}): NodeJS.ProcessEnv {
    const { folder } = this;
    return {
      HOME: folder,
      PATH: join(folder, 'bin'),
      ALEXNET_CACHE: join(folder, 'cache'),
      ...more,
    };
  }

  call(args: readonly string[], environment: Programs = {}) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [CLI, 'setup', 'tfjs', ...args],
      { cwd: this.project, env: this.environment(environment), encoding: 'utf8' },
    );
    return { status, stdout, stderr };
  }

  start(args: readonly string[]) {
    return spawn(process.execPath, [CLI, 'setup', 'tfjs', ...args], {
      cwd: this.project,
      env: this.environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  /** What is left where all is set up. */
  left(): readonly string[] {
    return existsSync(this.root) ? readdirSync(this.root) : [];
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
