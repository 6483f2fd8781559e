// Weight files of full width, imported and held against PyTorch's logits; with times and memory of the import.
// Usage: pnpm bench weights --python PATH [--folder FOLDER]
// PATH is a Python with torch, torchvision, numpy and safetensors from PyPI. FOLDER takes about 2 GB.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openSession } from '@alexnet/runtime-node';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { python: { type: 'string', default: 'python3' }, folder: { type: 'string' } },
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
function importFile(file, target) {
  const script = `
    const started = performance.now();
    const { main } = await import(${JSON.stringify(path('../../apps/cli/dist/main.js'))});
    const code = await main(['import', ${JSON.stringify(file)}, '-o', ${JSON.stringify(target)}, '--json']);
    const ms = performance.now() - started;
    // Not maxRSS of resourceUsage(), in which Linux counts what the process that started this one had.
    const { readFileSync } = await import('node:fs');
    const [, kilobytes] = /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    console.error(JSON.stringify({ ms, bytes: kilobytes * 1024 }));
    process.exitCode = code;`;
  const args = ['--input-type=module', '-e', script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const lines = stderr.trim().split('\n');
  return { ...JSON.parse(stdout), ...{ measured: JSON.parse(lines.at(-1)) } };
}

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
      const target = join(folder, 'imported.onnx');
      const { preset: found, measured } = importFile(join(folder, file), target);
      const session = await openSession(new Uint8Array(readFileSync(target)), {
        name: file,
        device: 'cpu',
      });
      const tensors = await session.run(input, shape[0]);
      const scores = tensors.get(session.info.output.name).data;
      await session.dispose();
      const error = scores.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - expected[i]) / largest),
        0,
      );
      const { size } = statSync(join(folder, file));
      const isRight = found === preset && error <= TOLERANCE;
      if (!isRight) failed += 1;
      console.log(
        `${isRight ? 'ok ' : 'BAD'} ${file.padEnd(24)} ${found}  error ${error.toExponential(1)} of the largest logit, ${(measured.ms / 1000).toFixed(2)} s, ${(measured.bytes / size).toFixed(2)} × the file's ${(size / 1e6).toFixed(0)} MB`,
      );
    }
  }
  process.exitCode = failed > 0 ? 1 : 0;
} finally {
  if (own) rmSync(folder, { recursive: true, force: true });
}
