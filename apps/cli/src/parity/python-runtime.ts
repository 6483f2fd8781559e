import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AlexNetError, messageOf, readJson } from '@alexnet/core';
import { bytesOf } from './bytes-of.ts';
import type { Measurement, ParityRuntime, ParitySubject, Tolerance } from './runtime.ts';

export interface PythonRuntime {
  readonly id: string;
  readonly title: string;
  /** Module that has to be there, and the package that brings it. */
  readonly module: string;
  readonly install: string;
  /** In the folder `python` of this package. */
  readonly script: string;
  readonly tolerance: Tolerance;
  /** More files and fields of the request than every runtime is given; see python/protocol.py. */
  readonly describe: (subject: ParitySubject) => PythonRequest;
}

export interface PythonRequest {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** A runtime of another language: a script of ours, run by the user's Python. */
export function pythonRuntime(definition: PythonRuntime): ParityRuntime {
  const { id, title, tolerance } = definition;
  return {
    id,
    title,
    device: 'cpu',
    tolerance,
    measure: async (subject, { python }) => {
      if (python === null) throw noPython(title);
      await checkModule(definition, python);
      const folder = await mkdtemp(join(tmpdir(), 'alexnet-parity-'));
      try {
        return await runScript(definition, { subject, python, folder });
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  };
}

const run = promisify(execFile);

/** Looks for the module without loading it, which takes PyTorch seconds. */
async function checkModule(
  { title, module, install }: PythonRuntime,
  python: string,
): Promise<void> {
  const script = `import importlib.util, sys; sys.exit(not importlib.util.find_spec("${module}"))`;
  try {
    await run(python, ['-c', script]);
  } catch (cause) {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: `${title} is not there: ${python} has no module "${module}".`,
      hint: `${python} -m pip install ${install}`,
      cause,
    });
  }
}

interface Call {
  readonly subject: ParitySubject;
  readonly python: string;
  readonly folder: string;
}

async function runScript(
  { title, script, describe }: PythonRuntime,
  { subject, python, folder }: Call,
): Promise<Measurement> {
  const { input, taps, batchSize } = subject;
  const { fields, files } = describe(subject);
  const request = { ...fields, inputShape: input.shape, batchSize, taps };
  await writeFile(join(folder, 'request.json'), JSON.stringify(request));
  await writeFile(join(folder, 'input.f32'), bytesOf(input.data));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const path = fileURLToPath(new URL(`../../python/${script}`, import.meta.url));
  const { stdout } = await run(python, [path, folder]).catch((cause: unknown) => {
    throw new AlexNetError('PARITY', {
      message: `${title} broke: ${lastLine(cause)}`,
      hint: 'Please report it with the model, the versions and the machine.',
      cause,
    });
  });
  return readAnswer(stdout, { title, folder });
}

async function readAnswer(
  stdout: string,
  { title, folder }: { readonly title: string; readonly folder: string },
): Promise<Measurement> {
  const answer = readJson(JSON.parse(stdout), { code: 'PARITY', what: `The answer of ${title}` });
  if (answer.has('unsupported')) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `${title} does not take this model: ${answer.field('unsupported').string()}`,
      hint: 'Another version of it may.',
    });
  }
  const names = answer
    .field('taps')
    .items()
    .map((item) => item.string());
  const outputs = names.map(async (name, index): Promise<[string, Float32Array]> => {
    const { buffer } = new Uint8Array(await readFile(join(folder, `output-${index}.f32`)));
    return [name, new Float32Array(buffer)];
  });
  return {
    runtime: answer.field('runtime').string(),
    device: answer.field('device').string(),
    outputs: new Map(await Promise.all(outputs)),
    milliseconds: answer.field('milliseconds').number(),
  };
}

/** Of a Python's traceback: what went wrong. */
function lastLine(cause: unknown): string {
  const { stderr = '' } = cause as { readonly stderr?: string };
  return stderr.trimEnd().split('\n').at(-1) || messageOf(cause);
}

function noPython(title: string): AlexNetError {
  return new AlexNetError('MISSING_DEPENDENCY', {
    message: `${title} needs a Python, and none was named.`,
    hint: 'Name one that has it: --python /path/to/python, or ALEXNET_PYTHON',
  });
}
