// The stages of `npm test` and `pnpm check`: what each runs, and how its tests are counted.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBoundaries } from './boundaries.mjs';
import { prepareChromium } from './chromium.mjs';
import { compile } from './compile.mjs';
import { countTests } from './count-tests.mjs';
import { prepareNodeVersions } from './node-versions.mjs';
import { buildPage } from './page.mjs';
import { root, runPnpm, runTool, secondsSince } from './processes.mjs';
import { preparePython } from './python-venv.mjs';
import { setUp } from './setup.mjs';
import { prepareTfjs } from './tfjs.mjs';

/**
 * What a stage found: one that is not a run of tests counts as one test. A stage needs what stages before it made.
 *
 * @typedef {{ passed: number, failed: number, output?: string, notes?: readonly string[] }} Result
 * @typedef {{ title: string, needs?: readonly string[], run: (context: Context) => Promise<Result> }} Stage
 * @typedef {{ env: NodeJS.ProcessEnv, vitestArgs: readonly string[] }} Context
 */

/** @type {Readonly<Record<string, Stage>>} in the order in which they run */
export const STAGES = {
  lint: { title: 'format and lint', run: lint },
  boundaries: { title: 'boundaries', run: boundaries },
  architecture: { title: 'architecture tests', run: (context) => vitest('architecture', context) },
  build: { title: 'types and build', run: build },
  knip: { title: 'unused code', run: knip },
  publint: { title: 'package manifests', needs: ['build'], run: publint },
  python: { title: 'python for the checks', run: python },
  readers: { title: 'programs that read onnx', run: readers },
  chromium: { title: 'chromium for the checks', needs: ['build'], run: chromium },
  tfjs: { title: 'tensorflow for the checks', needs: ['build', 'python'], run: tfjs },
  nodes: { title: 'other versions of node', run: nodes },
  unit: tests('unit'),
  parity: tests('parity', ['readers', 'tfjs', 'nodes']),
  browser: tests('browser', ['chromium']),
  package: tests('package', ['chromium']),
};

/**
 * Runs stages and prints their outcome; the last line is `N passed, N failed`.
 *
 * @param {readonly string[]} names
 * @param {readonly string[]} [vitestArgs] filters for the stages that run vitest
 * @returns {Promise<number>} the exit code
 */
export async function runStages(names, vitestArgs = []) {
  const context = { env: { ...process.env }, vitestArgs };
  const total = { passed: 0, failed: 0 };
  const setup = await runStage({ title: 'setup', run: setupStage }, context, total);
  const canRun = setup.failed === 0;
  const wanted = new Set(names.flatMap((name) => [...(STAGES[name].needs ?? []), name]));
  let isBuilt = true;
  for (const name of Object.keys(STAGES).filter((key) => wanted.has(key))) {
    const stage = STAGES[name];
    if (!canRun || (stage.needs?.includes('build') && !isBuilt)) {
      print(`${stage.title.padEnd(24)} not run: the ${canRun ? 'build' : 'setup'} failed\n`);
      continue;
    }
    const { failed } = await runStage(stage, context, total);
    if (name === 'build') isBuilt = failed === 0;
  }
  print(`\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

async function runStage(stage, context, total) {
  const start = performance.now();
  print(`${stage.title.padEnd(24)} `);
  let result;
  try {
    result = await stage.run(context);
  } catch (error) {
    result = { passed: 0, failed: 1, output: `${error.stack ?? error}\n` };
  }
  const { passed, failed, output = '', notes = [] } = result;
  const isFailed = failed > 0;
  const count =
    passed + failed > 1 ? `, ${passed} passed${isFailed ? `, ${failed} failed` : ''}` : '';
  print(`${isFailed ? 'FAILED' : 'ok'} (${secondsSince(start)}${count})\n`);
  for (const note of notes) print(`  ${note}\n`);
  if (isFailed && output.trim() !== '') print(`\n${lastLines(output.trimEnd())}\n\n`);
  total.passed += passed;
  total.failed += failed;
  return result;
}

/** The end of a long output: where a run of tests sums up. The notes name every failed test. */
function lastLines(text, limit = 300) {
  const lines = text.split('\n');
  if (lines.length <= limit) return text;
  return `… ${lines.length - limit} lines left out …\n${lines.slice(-limit).join('\n')}`;
}

function print(text) {
  process.stdout.write(text);
}

/** One program, one test: passed if it ended well. */
function single({ code, output }) {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, output };
}

async function setupStage() {
  await setUp({ build: false, log: () => {} });
  return { passed: 0, failed: 0 };
}

async function lint() {
  const { code, output } = await runTool('@biomejs/biome', ['check', '--error-on-warnings']);
  const sawFiles = /Checked [1-9]\d* files?/.test(output);
  return single({ code: sawFiles ? code : 1, output });
}

async function boundaries() {
  return single(await checkBoundaries());
}

async function build() {
  const compiled = await compile();
  return single(compiled.code === 0 ? await buildPage() : compiled);
}

async function knip() {
  return single(await runTool('knip', ['--no-progress']));
}

/** Names of the packages that are not private. */
function listPublished() {
  return ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)))
    .map((folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
    .filter((manifest) => manifest.private !== true)
    .map(({ name }) => name);
}

/** Packs every package that is published, and looks at what would arrive. */
async function publint() {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-pack-'));
  try {
    const published = listPublished();
    const filters = published.flatMap((name) => ['--filter', name]);
    const packed = await runPnpm(['-r', ...filters, 'pack', '--pack-destination', folder]);
    if (packed.code !== 0) return single(packed);
    const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    if (published.length === 0 || tarballs.length !== published.length) {
      const output = `${tarballs.length} tarballs of ${published.length} packages.\n`;
      return single({ code: 1, output });
    }
    const runs = await Promise.all(
      tarballs.map((name) => runTool('publint', ['run', join(folder, name), '--strict'])),
    );
    const bad = runs.filter(({ code }) => code !== 0);
    return single({ code: bad.length, output: bad.map(({ output }) => output).join('\n') });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function python({ env }) {
  const result = await preparePython();
  return optional('PYTHON', { env, path: result.python, missing: result.missing });
}

/** Other programs that read ONNX files, in a Python of their own: 148 MB that only the parity tests want. */
async function readers({ env }) {
  const result = await preparePython('readers');
  return optional('READERS_PYTHON', { env, path: result.python, missing: result.missing });
}

async function chromium({ env }) {
  const result = await prepareChromium();
  return optional('CHROMIUM', { env, path: result.chromium, missing: result.missing });
}

/** The second engine's library: 261 MiB that only the parity tests want. */
async function tfjs({ env }) {
  const result = await prepareTfjs();
  return optional('TFJS', { env, path: result.directory, missing: result.missing });
}

/** Two more versions of Node: 90 MB that only the parity tests want. */
async function nodes({ env }) {
  const result = await prepareNodeVersions();
  return optional('NODES', { env, path: result.nodes, missing: result.missing });
}

/** Without the program the tests that need it are skipped, except where CI=true. */
function optional(name, { env, path, missing }) {
  const isRequired = process.env.CI === 'true';
  if (isRequired) env[`ALEXNET_REQUIRE_${name}`] = '1';
  if (path !== undefined) {
    env[`ALEXNET_${name}`] = path;
    return { passed: 1, failed: 0 };
  }
  if (isRequired) return { passed: 0, failed: 1, output: missing };
  return { passed: 0, failed: 0, notes: ['not available:', ...missing.split('\n')] };
}

/** A project of vitest.config.ts. Tests of built packages need the build, and some of them Python. */
function tests(project, needs = []) {
  return {
    title: `${project} tests`,
    needs: ['build', 'python', ...needs],
    run: (context) => vitest(project, context),
  };
}

/** Runs one project of vitest.config.ts and counts from its JSON report. */
async function vitest(project, { env, vitestArgs }) {
  const folder = mkdtempSync(join(tmpdir(), 'alexnet-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const args = ['run', '--project', project, ...reporters, ...vitestArgs];
    const { code, output } = await runTool('vitest', args, { env: withColor(env) });
    if (!existsSync(report)) return { passed: 0, failed: 1, output };
    return { ...countTests(JSON.parse(readFileSync(report, 'utf8')), code), output };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function withColor(env) {
  return process.stdout.isTTY ? { ...env, FORCE_COLOR: '1' } : { ...env, NO_COLOR: '1' };
}
