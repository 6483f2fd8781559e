// `pnpm bench [name] [options]`: runs one of the benchmarks below. Results are kept in README.md, by hand.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BENCHMARKS = {
  data: 'data/loading.mjs',
  'data-index': 'data/index.mjs',
  'data-shrink': 'data/shrinking.mjs',
  checkpoints: 'training/checkpoints.mjs',
  training: 'training/step.mjs',
  'training-pytorch': 'training/compare.mjs',
  'training-engines': 'training/engines.mjs',
  'training-recipes': 'training/recipes.mjs',
  'figure-1': 'learning/figure-1.mjs',
  'from-scratch': 'learning/from-scratch.mjs',
  'fine-tuning': 'fine-tuning/compare.mjs',
  inference: 'inference/logits.mjs',
  'inference-pytorch': 'inference/classify.mjs',
  'inference-soak': 'inference/soak.mjs',
  fuzz: 'fuzz/run.mjs',
  'soak-kill': 'soak/kill.mjs',
  weights: 'weights/full-width.mjs',
  'onnx-files': 'onnx/files.mjs',
  'small-forms': 'onnx/small-forms.mjs',
};

const [name, ...options] = process.argv.slice(2);
const file = BENCHMARKS[name];
if (!file) {
  console.error(`error: Which benchmark? One of: ${Object.keys(BENCHMARKS).join(', ')}.`);
  process.exit(2);
}
const path = fileURLToPath(new URL(file, import.meta.url));
const { status } = spawnSync(process.execPath, [path, ...options], { stdio: 'inherit' });
process.exitCode = status ?? 1;
