// Loads a package of TensorFlow and trains with it, in a process of its own: a library that does not fit ends this
// process, not the command. Usage: node verification-process.js PACKAGE DIRECTORY; one JSON object on stdout.
import { isAlexNetError } from '@alexnet/core';
import { inspectTensorFlow, startTfjsEngine, TENSORFLOW_PACKAGES } from '@alexnet/train/node';
import { takeTrainingStep } from './training-step.ts';

async function examine(name: string | undefined, directory: string): Promise<object> {
  const wanted = TENSORFLOW_PACKAGES.find((each) => each === name);
  if (wanted === undefined) throw new Error(`No package of TensorFlow: ${name}`);
  const found = { package: wanted, directory };
  const { runsOn, tfjs, tensorflow } = inspectTensorFlow(found);
  const outcome = await takeTrainingStep((options) =>
    startTfjsEngine({ ...options, device: runsOn, found }),
  );
  return { node: process.versions.node, tfjs, tensorflow, device: runsOn, ...outcome };
}

const [name, directory = ''] = process.argv.slice(2);
try {
  process.stdout.write(`${JSON.stringify(await examine(name, directory))}\n`);
} catch (error) {
  process.stderr.write(`${isAlexNetError(error) ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
