import { fileURLToPath } from 'node:url';
import { AlexNetError, messageOf, readJson } from '@alexnet/core';
import type { FoundTensorFlow } from '@alexnet/train/node';
import { lastLines, runProgram } from './run-program.ts';
import type { StepOutcome } from './training-step.ts';

/** What a package turned out to be when it trained. */
export interface Verification extends StepOutcome {
  /** Of the Node that it ran in. */
  readonly node: string;
  /** Version of the package, and of the library. */
  readonly tfjs: string;
  readonly tensorflow: string;
  /** What it computes on. */
  readonly device: 'cpu' | 'cuda';
}

/** Of the gradient; cards may round a float32 to ten bits on its way into a convolution. */
const TOLERANCE = { cpu: 1e-4, cuda: 1e-2 } as const;

/**
 * Loads a package in a process of its own and takes a training step.
 *
 * @param node - path of the Node to run it in; this one unless given
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` if it does not load, `PARITY` if it computes something else
 */
export async function verify(
  { package: name, directory }: FoundTensorFlow,
  {
    node = process.execPath,
    signal,
  }: { readonly node?: string; readonly signal?: AbortSignal } = {},
): Promise<Verification> {
  const script = fileURLToPath(new URL('./verification-process.js', import.meta.url));
  const result = await runProgram(node, [script, name, directory], { signal });
  if (result.code !== 0) {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: `${name} in ${directory} does not train:\n${lastLines(result)}`,
      hint: 'Was the library built for this processor and system? Take it away, and set it up anew: alexnet setup tfjs --remove',
    });
  }
  const verification = readVerification(result.stdout);
  checkStep(verification, verification.device);
  return verification;
}

/** @throws {@link AlexNetError} `PARITY` if the loss did not fall, or the gradient is another */
export function checkStep(outcome: StepOutcome, device: Verification['device']): void {
  const { lossBefore, lossAfter, gradientError } = outcome;
  if (lossAfter < lossBefore && gradientError <= TOLERANCE[device]) return;
  throw new AlexNetError('PARITY', {
    message: `TensorFlow computes something else: its gradient is off by ${gradientError} of its largest element (${TOLERANCE[device]} is allowed), and the loss went from ${lossBefore} to ${lossAfter}.`,
    hint: 'Please report it with the processor and the versions.',
  });
}

function readVerification(stdout: string): Verification {
  const json = readJson(parse(stdout), { code: 'PARITY', what: 'The answer of the verification' });
  return {
    node: json.field('node').string(),
    tfjs: json.field('tfjs').string(),
    tensorflow: json.field('tensorflow').string(),
    device: json.field('device').oneOf(['cpu', 'cuda']),
    lossBefore: json.field('lossBefore').number(),
    lossAfter: json.field('lossAfter').number(),
    gradientError: json.field('gradientError').number(),
  };
}

function parse(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new AlexNetError('PARITY', {
      message: `The verification answered no JSON: ${messageOf(cause)}`,
      hint: 'Please report it with the versions.',
      cause,
    });
  }
}
