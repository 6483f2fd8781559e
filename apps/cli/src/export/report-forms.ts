import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { invariant, type Model } from '@alexnet/core';
import { type ExportOptions, exportOnnx, readOnnxMetadata } from '@alexnet/export';
import { outputOf } from '@alexnet/runtime';
import { openSession } from '@alexnet/runtime-node';
import { type Evaluation, evaluate } from '@alexnet/train';
import { openTestData } from '../data/open-data.ts';
import { formatBytes, formatPercent, formatTable } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { measureRanges } from './measure-ranges.ts';

/** One form of a model beside its float32 form, on the same pictures. */
export interface FormRow {
  readonly form: string;
  readonly bytes: number;
  readonly gzippedBytes: number;
  /** Share of the pictures whose best class is the one that float32 finds best. */
  readonly top1Agreement: number;
  /** Share of the pictures whose best class is among the five that float32 finds best. */
  readonly top5Agreement: number;
  /** Of all logits, as a share of the largest. */
  readonly maxRelativeError: number;
  /** Share of the pictures that are of the class that is found best. */
  readonly top1: number;
  /** For one picture alone, median. */
  readonly milliseconds: number;
}

export interface FormsReport {
  readonly rows: readonly FormRow[];
  /** Of the float32 form. */
  readonly evaluation: Evaluation;
}

/** Forms of a model's file beside float32, by the options that make them. */
const FORMS: ReadonlyMap<string, ExportOptions> = new Map([
  ['float32', {}],
  ['--dtype float16', { dtype: 'float16' }],
  ['--dtype int8', { dtype: 'int8' }],
  ['--weights float16', { weights: 'float16' }],
  ['--weights int8', { weights: 'int8' }],
]);

const TIMED_RUNS = 15;
const BATCH = 16;

interface OpenForm {
  readonly form: string;
  readonly bytes: Uint8Array;
  readonly forward: (images: Float32Array, count: number) => Promise<Float32Array>;
  readonly dispose: () => Promise<void>;
}

/**
 * Measures the forms that a model can be exported in: size, agreement with float32, time. All of them take turns.
 *
 * @param options.data - pictures with classes, as `alexnet eval` takes them; ranges are measured on them too
 * @throws {@link AlexNetError} what reading the pictures throws
 */
export async function reportForms(
  model: Model,
  { data, terminal }: { readonly data: string; readonly terminal: Terminal },
): Promise<FormsReport> {
  const ranges = await measureRanges(model, {}, { folder: data, method: 'min-max', terminal });
  const forms: OpenForm[] = [];
  try {
    for (const [form, options] of FORMS) {
      const bytes = exportOnnx(model, options.dtype === 'int8' ? { ...options, ranges } : options);
      forms.push(await openForm(form, bytes));
    }
    const dataset = await openTestData(data, model.metadata.labels);
    const logits = new Map<string, Float32Array[]>(forms.map(({ form }) => [form, []]));
    const evaluations: Evaluation[] = [];
    for (const { form, forward } of forms) {
      const { preprocessing } = model.metadata;
      const onPicture = (_index: number, row: Float32Array) => logits.get(form)?.push(row.slice());
      const given = { dataset, preprocessing, batchSize: BATCH, forward, onPicture };
      evaluations.push(await evaluate(given));
    }
    const times = await timeForms(forms, model);
    const truth = logits.get('float32') ?? [];
    const rows = await Promise.all(
      forms.map(async ({ form, bytes }, index) => ({
        form,
        bytes: bytes.length,
        gzippedBytes: (await promisify(gzip)(bytes)).length,
        ...compareLogits(logits.get(form) ?? [], truth),
        top1: evaluations[index]?.top1 ?? Number.NaN,
        milliseconds: times.get(form) ?? Number.NaN,
      })),
    );
    const [evaluation] = evaluations;
    invariant(evaluation, 'There is no form to report.');
    return { rows, evaluation };
  } finally {
    for (const { dispose } of forms) await dispose();
  }
}

export function describeForms(rows: readonly FormRow[]): readonly string[] {
  return formatTable(FORM_COLUMNS, rows.map(formatRow), { rightAligned: FORM_COLUMNS.slice(1) });
}

export const FORM_COLUMNS: readonly string[] = [
  ...['form', 'size', 'gzipped', 'same top-1', 'in its top-5', 'largest error', 'top-1'],
  'ms a picture',
];

export function formatRow(row: FormRow): readonly string[] {
  return [
    row.form,
    formatBytes(row.bytes),
    formatBytes(row.gzippedBytes),
    formatPercent(row.top1Agreement),
    formatPercent(row.top5Agreement),
    formatPercent(row.maxRelativeError),
    formatPercent(row.top1),
    row.milliseconds.toFixed(1),
  ];
}

async function openForm(form: string, bytes: Uint8Array): Promise<OpenForm> {
  const { precision } = readOnnxMetadata(bytes);
  const session = await openSession(bytes, { name: form, device: 'cpu', precision });
  const { input, output } = session.info;
  const [, ...picture] = input.shape;
  const size = picture.reduce<number>((product, length) => product * Number(length), 1);
  return {
    form,
    bytes,
    forward: async (images, count) => {
      const outputs = await session.run(images.subarray(0, count * size), count);
      return outputOf(outputs, output.name).data;
    },
    dispose: () => session.dispose(),
  };
}

async function timeForms(
  forms: readonly OpenForm[],
  { graph }: Model,
): Promise<ReadonlyMap<string, number>> {
  const size = graph.input.shape.reduce((product, length) => product * length, 1);
  const input = new Float32Array(size);
  const times = new Map<string, number[]>(forms.map(({ form }) => [form, []]));
  for (let run = 0; run <= TIMED_RUNS; run++) {
    for (const { form, forward } of forms) {
      const startedMs = performance.now();
      await forward(input, 1);
      // The first run pays for memory that later ones reuse.
      if (run > 0) times.get(form)?.push(performance.now() - startedMs);
    }
  }
  return new Map(Array.from(times, ([form, list]) => [form, medianOf(list)]));
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function compareLogits(
  rows: readonly Float32Array[],
  truth: readonly Float32Array[],
): Pick<FormRow, 'top1Agreement' | 'top5Agreement' | 'maxRelativeError'> {
  let [same, among, error, largest] = [0, 0, 0, 0];
  for (const [index, row] of rows.entries()) {
    const expected = truth[index] ?? row;
    const best = rank(row)[0] ?? 0;
    const ranking = rank(expected);
    if (best === ranking[0]) same += 1;
    if (ranking.slice(0, 5).includes(best)) among += 1;
    for (const [place, value] of expected.entries()) {
      largest = Math.max(largest, Math.abs(value));
      error = Math.max(error, Math.abs(value - (row[place] ?? Number.NaN)));
    }
  }
  const { length } = rows;
  return {
    top1Agreement: same / length,
    top5Agreement: among / length,
    maxRelativeError: error / largest,
  };
}

/** Classes, the best first. */
function rank(logits: Float32Array): readonly number[] {
  return Array.from(logits.keys()).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
}
