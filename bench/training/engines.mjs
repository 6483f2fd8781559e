// Training steps of both engines, taking turns: onnxruntime and TensorFlow on the processor, and TensorFlow on a
// card where it sees one.
// Usage: pnpm bench training-engines --preset torchvision --batch-size 32 --rounds 8
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { probeCuda } from '@alexnet/train/node';
import { endSide, median, ratioByRound, round, startSide, takeTurns } from '../turns.mjs';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    preset: { type: 'string', default: 'torchvision' },
    'batch-size': { type: 'string', default: '32' },
    rounds: { type: 'string', default: '8' },
    threads: { type: 'string', default: '2' },
  },
});
const { preset, threads } = values;
const batchSize = values['batch-size'];

const start = (name, file, ...more) =>
  startSide(name, process.execPath, [
    fileURLToPath(new URL(file, import.meta.url)),
    preset,
    batchSize,
    threads,
    ...more,
  ]);
const { obstacle } = await probeCuda();
const onnxruntime = await start('onnxruntime', 'our-step.mjs');
const tfjs = [await start('tfjs, cpu', 'tfjs-step.mjs', 'cpu')];
if (obstacle === null) tfjs.push(await start('tfjs, cuda', 'tfjs-step.mjs', 'cuda'));
await takeTurns([onnxruntime, ...tfjs], Number(values.rounds));

const ratios = Object.fromEntries(
  tfjs.map((side) => [
    side.name,
    {
      time: round(median(side.durationsMs) / median(onnxruntime.durationsMs), 2),
      byRound: ratioByRound(side, onnxruntime),
    },
  ]),
);
const results = [];
for (const side of [onnxruntime, ...tfjs]) results.push(await endSide(side));
console.log(
  JSON.stringify({
    preset,
    batchSize: Number(batchSize),
    rounds: Number(values.rounds),
    cuda: obstacle === null ? 'ran' : `not run: ${obstacle.message}`,
    results,
    ratios,
  }),
);
process.exit(0);
