// Weight files of full width, imported and held against PyTorch's logits; with times and memory of the import.
// Usage: pnpm bench weights --python PATH [--folder FOLDER] [--node PATH…]
// The first PATH is a Python with torch, torchvision, numpy and safetensors from PyPI. FOLDER takes about 2 GB. Each Node
// imports each file.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openSession } from '@alexnet/runtime-node';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    python: { type: 'string', default: 'python3' },
    folder: { type: 'string' },
    node: { type: 'string', multiple: true, default: [process.execPath] },
  },
});
const own = values.folder === undefined;
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'alexnet-full-width-'));
/** Share of the largest logit. */
const TOLERANCE = 1e-5;

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const run = (command, args, options = {}) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
};

/** Runs `alexnet import` in a process of its own, and says how long it took and how much memory. */
function importFile(node, file, target) {
  const script = `
    const started = performance.now();
    const before = process.cpuUsage();
    const { main } = await import(${JSON.stringify(path('../../apps/cli/dist/main.js'))});
    const code = await main(['import', ${JSON.stringify(file)}, '-o', ${JSON.stringify(target)}, '--json']);
    const ms = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    // Not maxRSS of resourceUsage(), in which Linux counts what the process that started this one had.
    const { readFileSync } = await import('node:fs');
    const [, kilobytes] = /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    const measured = { ms, cpuMs: (user + system) / 1000, bytes: kilobytes * 1024 };
    console.error(JSON.stringify({ ...measured, version: process.version }));
    process.exitCode = code;`;
  const args = ['--input-type=module', '-e', script];
  const { status, stdout, stderr } = spawnSync(node, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const lines = stderr.trim().split('\n');
  return { ...JSON.parse(stdout), ...{ measured: JSON.parse(lines.at(-1)) } };
}

/** What the model gives for some pictures. */
async function scoresOf(model, input, count) {
  const bytes = new Uint8Array(readFileSync(model));
  const session = await openSession(bytes, { name: model, device: 'cpu' });
  const tensors = await session.run(input, count);
  await session.dispose();
  return tensors.get(session.info.output.name).data;
}

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

try {
  run(values.python, [path('full_width.py'), folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  let failed = 0;
  for (const { preset, files, shape, picture, logits } of JSON.parse(
    readFileSync(join(folder, 'cases.json'), 'utf8'),
  )) {
    const floats = (name, Type) => {
      const bytes = readFileSync(join(folder, name));
      return new Type(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    };
    const input = floats(picture, Float32Array);
    const expected = floats(logits, Float64Array);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const file of files) {
      for (const node of values.node) {
        const target = join(folder, 'imported.onnx');
        const { preset: found, measured } = importFile(node, join(folder, file), target);
        const scores = await scoresOf(target, input, shape[0]);
        const error = scores.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - expected[i]) / largest),
          0,
        );
        const isRight = found === preset && error <= TOLERANCE;
        if (!isRight) failed += 1;
        const figures = [
          `error ${error.toExponential(1)} of the largest logit`,
          `${seconds(measured.ms)} (${seconds(measured.cpuMs)} of the processor)`,
          `${(measured.bytes / statSync(join(folder, file)).size).toFixed(2)} × the file`,
          `Node ${measured.version}`,
        ];
        console.log(
          `${isRight ? 'ok ' : 'BAD'} ${file.padEnd(24)} ${found}  ${figures.join(', ')}`,
        );
      }
    }
  }
  process.exitCode = failed > 0 ? 1 : 0;
} finally {
  if (own) rmSync(folder, { recursive: true, force: true });
}
