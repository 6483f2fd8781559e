// Training steps by several ways to compute convolutions, taking turns: counted, which is the default, and others.
// Usage: pnpm bench training-recipes --preset torchvision --batch-size 32 --rounds 10 --others measured,direct
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endSide, median, ratioByRound, round, startSide, takeTurns } from '../turns.mjs';

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    preset: { type: 'string', default: 'torchvision' },
    'batch-size': { type: 'string', default: '32' },
    rounds: { type: 'string', default: '10' },
    others: { type: 'string', default: 'measured,direct' },
    threads: { type: 'string', default: '2' },
  },
});
const { preset, threads } = values;
const program = fileURLToPath(new URL('our-step.mjs', import.meta.url));
const start = (convolutions) =>
  startSide(convolutions, process.execPath, [
    program,
    preset,
    values['batch-size'],
    threads,
    convolutions,
  ]);
const counted = await start('counted');
const others = [];
for (const name of values.others.split(',')) others.push(await start(name));
await takeTurns([counted, ...others], Number(values.rounds));
for (const side of [counted, ...others]) {
  const timeRatio = round(median(side.durationsMs) / median(counted.durationsMs), 3);
  const timeRatioByRound = ratioByRound(side, counted);
  console.log(JSON.stringify({ ...(await endSide(side)), timeRatio, timeRatioByRound }));
}
process.exit(0);
