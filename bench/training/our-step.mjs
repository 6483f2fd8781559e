// Training steps on onnxruntime, one a turn: our side of compare.mjs.
import { answerTurns } from '../answer-turns.mjs';
import { createSteps } from './steps.mjs';

const [preset, batchSize, threads, convolutions = 'counted'] = process.argv.slice(2);
const steps = await createSteps({
  preset,
  batchSize: Number(batchSize),
  threads: Number(threads),
  convolutions,
});
await answerTurns(`onnxruntime ${steps.version}`, steps.take);
await steps.dispose();
process.exit(0);
