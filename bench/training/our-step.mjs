// Training steps on onnxruntime, one for each line on standard input: our side of compare.mjs.
import { createInterface } from 'node:readline';
import { createSteps } from './steps.mjs';

const [preset, batchSize, threads] = process.argv.slice(2);
const steps = await createSteps({ preset, batchSize: Number(batchSize), threads: Number(threads) });
console.log(`ready onnxruntime ${steps.version}`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') break;
  console.log(await steps.take());
}
console.log(process.resourceUsage().maxRSS / 1024);
await steps.dispose();
process.exit(0);
