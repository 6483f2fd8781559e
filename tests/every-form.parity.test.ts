import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exportOnnx, importOnnx } from '@alexnet/export';
import { loadModel } from '@alexnet/runtime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVERY_FORM, FORM_MODEL, type Form, writeForm } from './forms/every-form.ts';
import { expectRelativelyClose, largest } from './ops/compare.ts';

// Every form that an export can take goes through `loadModel` and every command that takes a MODEL, with the answers of
// a plain file of the same weights.

const COMMAND = fileURLToPath(new URL('../apps/cli/bin/alexnet.js', import.meta.url));
/** Of other sizes and sides, coloured and grey: more than one run of three. */
const PICTURES = ['baseline-444.jpg', 'exif-6.jpg', 'grey.jpg', 'progressive.jpg'].map((name) =>
  fileURLToPath(new URL(`golden/pictures/encoded/${name}`, import.meta.url)),
);
const { labels } = FORM_MODEL.metadata;

let folder: string;
let photos: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alexnet-every-form-'));
  photos = join(folder, 'photos');
  for (const [index, label] of labels.entries()) {
    await mkdir(join(photos, label), { recursive: true });
    const picture = PICTURES[index % PICTURES.length] ?? '';
    await cp(picture, join(photos, label, `${index}.jpg`));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Answers {
  readonly logits: readonly Float32Array[] | null;
  /** By class. */
  readonly probabilities: readonly (readonly number[])[];
}

describe.each(Object.entries(EVERY_FORM))('%s', (name, form) => {
  const file = () => join(folder, `${name}.onnx`);
  let plain: Answers;
  beforeAll(async () => {
    const bytes = await writeForm(form, PICTURES);
    await writeFile(file(), bytes);
    // A file of smaller numbers holds weights that are rounded.
    const { weights } = importOnnx(bytes);
    plain = await askRuntime(exportOnnx({ ...FORM_MODEL, weights }));
  });

  test('loadModel', async () => {
    const { logits, probabilities } = await askRuntime(file());
    if (form.options.output === 'probabilities') expect(logits).toBeNull();
    else expectNear(logits ?? [], plain.logits ?? [], form);
    expectNear(probabilities, plain.probabilities, form);
  });

  test('predict', async () => {
    const lines = await run('predict', file(), ...PICTURES, '--top', String(labels.length));
    const found = lines.map((line) => byClass(JSON.parse(line).top));
    expectNear(found, plain.probabilities, form);
  });

  test('eval', async () => {
    const [line = ''] = await run('eval', file(), photos);
    const { count, loss } = JSON.parse(line);
    const shares = labels.map((_, index) => {
      return plain.probabilities[index % PICTURES.length]?.[index] ?? 0;
    });
    const expected = shares.reduce((sum, share) => sum - Math.log(share), 0) / labels.length;
    expect(count).toBe(labels.length);
    // A logit that is off moves the loss by twice that at most.
    const span = largest((plain.logits ?? []).flatMap((row) => [...row]));
    expect(Math.abs(loss - expected)).toBeLessThanOrEqual(2 * form.tolerance * span);
  });

  test('parity', async () => {
    const args = ['--runtimes', 'node-cpu', '--pictures', photos, '--count', '2'];
    const [line = ''] = await run('parity', file(), ...args);
    const { rows, passed } = JSON.parse(line);
    expect(rows.map(({ state }: { state: string }) => state)).toEqual(['ran', 'ran']);
    expect(passed).toBe(true);
  });
});

async function askRuntime(source: string | Uint8Array): Promise<Answers> {
  const model = await loadModel(source, { device: 'cpu' });
  const predictions = await model.classifyBatch(PICTURES, { topK: labels.length });
  const hasLogits = model.info.outputKind === 'logits';
  const logits = hasLogits ? await model.logits(PICTURES) : null;
  await model.dispose();
  return { logits, probabilities: predictions.map(byClass) };
}

function byClass(
  top: readonly { readonly index: number; readonly probability: number }[],
): readonly number[] {
  return top.toSorted((a, b) => a.index - b.index).map(({ probability }) => probability);
}

function expectNear(
  actual: readonly ArrayLike<number>[],
  expected: readonly ArrayLike<number>[],
  { tolerance }: Form,
): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, row] of expected.entries()) {
    expectRelativelyClose(actual[index] ?? [], row, `row ${index}`, tolerance);
  }
}

async function run(...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...args, '--json']);
  return stdout.trim().split('\n');
}
