// What `npm start` shows: trains the mnist preset on the Fashion-MNIST sample, exports ONNX, checks it against
// the float64 interpreter, measures it on the test pictures and classifies a few of them.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDataset } from '@alexnet/data/node';
import { loadModel } from '@alexnet/runtime-node';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'apps/cli/bin/alexnet.js');
const SAMPLE = 'examples/data/fashion-mnist';
const RUN = 'runs/fashion-mnist';
const MODEL = 'model.onnx';
const REPORT = 'report.html';
/** Share of the 2,000 test pictures that has to be right. */
const WANTED_ACCURACY = 0.88;
const SHOWN_PICTURES = 8;
const OPTIONS = { cwd: ROOT, env: { ...process.env, INIT_CWD: ROOT } };

const startedMs = performance.now();
rmSync(join(ROOT, RUN), { recursive: true, force: true });

// At three eighths of its published width and with half of its dropout, it is done in a minute on two cores.
const network = ['--preset', 'mnist', '--width', '0.375', '--dropout', '0.1'];
alexnet('train', SAMPLE, ...network, '--validation', '0.05', '--out', RUN);
alexnet('export', MODEL, '--from', RUN);
alexnet('parity', MODEL, '--pictures', SAMPLE, '--count', '16');
await classifyUnseen();
copyFileSync(join(ROOT, RUN, REPORT), join(ROOT, REPORT));

const { top1, count } = JSON.parse(run('eval', MODEL, SAMPLE, '--json'));
const seconds = (performance.now() - startedMs) / 1000;
console.log(
  `\nRight on ${(top1 * 100).toFixed(1)} % of ${count} test pictures, ${seconds.toFixed(0)} s after the start.`,
);
if (top1 < WANTED_ACCURACY) {
  console.error(`error: ${WANTED_ACCURACY * 100} % were expected.`);
  process.exit(1);
}
console.log(`
Open ${REPORT} in a browser: curves, confusion matrix, test pictures.

Now with your own pictures, one folder for each class:

  npm run alexnet -- train PHOTOS                 trains on PHOTOS/cat/*.jpg, PHOTOS/dog/*.jpg, …
  npm run alexnet -- export my-model.onnx         the best of the newest run
  npm run alexnet -- predict my-model.onnx PICTURE
  npm run alexnet -- --help

With pnpm installed: pnpm alexnet train PHOTOS`);

/** Runs a command of ours, shows it and what it prints, and stops where it fails. */
function alexnet(...args) {
  console.log(`\n$ alexnet ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [CLI, ...args], { ...OPTIONS, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs a command of ours and returns what it prints. */
function run(...args) {
  const { status, stdout } = spawnSync(process.execPath, [CLI, ...args], {
    ...OPTIONS,
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

async function classifyUnseen() {
  console.log(
    `\n${relative(ROOT, fileURLToPath(import.meta.url))}: test pictures through the packages' API`,
  );
  const { test } = await openDataset(join(ROOT, SAMPLE));
  const model = await loadModel(readFileSync(join(ROOT, MODEL)));
  const stride = Math.floor(test.length / SHOWN_PICTURES);
  for (let index = 0; index < stride * SHOWN_PICTURES; index += stride) {
    const [best] = await model.classify(await test.readPicture(index), { topK: 1 });
    const truth = test.labels[test.labelOf(index)];
    const mark = best.label === truth ? 'right' : `wrong: it is ${truth}`;
    console.log(
      `  #${String(index).padEnd(5)} ${best.label.padEnd(12)} ${(best.probability * 100).toFixed(1).padStart(5)} %  ${mark}`,
    );
  }
  await model.dispose();
}
