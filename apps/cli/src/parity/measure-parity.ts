import { AlexNetError, isAlexNetError, messageOf } from '@alexnet/core';
import { compareTaps, compareTop1, type TapError } from './compare-taps.ts';
import type {
  Measurement,
  ParityRuntime,
  ParitySubject,
  RuntimeSettings,
  Tolerance,
} from './runtime.ts';

/** A runtime that ran. */
export interface MeasuredRow {
  readonly state: 'ran';
  readonly runtime: string;
  /** What really computed. */
  readonly device: string;
  /** Of the network's output. */
  readonly maxAbsoluteError: number;
  /** Of the network's output, as a share of its largest magnitude. */
  readonly maxRelativeError: number;
  /** Share of the pictures whose best class is the same, 0 to 1. */
  readonly top1Agreement: number;
  /** For one picture. */
  readonly milliseconds: number;
  readonly taps: readonly TapError[];
  readonly tolerance: Tolerance;
  /** Whether all taps are within the tolerance. */
  readonly passed: boolean;
}

/** A runtime that is not here, or that broke. */
export interface AbsentRow {
  readonly state: 'not run' | 'failed';
  readonly runtime: string;
  /** What was asked for. */
  readonly device: string;
  readonly reason: string;
  readonly remedy?: string;
  readonly passed: boolean;
}

export type ParityRow = MeasuredRow | AbsentRow;

export interface ParityOptions {
  readonly settings: RuntimeSettings;
  /** In place of the runtimes' own tolerances. */
  readonly share?: number;
  /** Told of each runtime before it begins: some take minutes. */
  readonly onStart?: (runtime: ParityRuntime) => void;
}

/** Codes of errors that say that something is not there, not that it is wrong. */
const ABSENCES: ReadonlySet<string> = new Set([
  'MISSING_DEPENDENCY',
  'DEVICE_UNAVAILABLE',
  'UNSUPPORTED',
]);

/**
 * Runs the subject through every runtime, one after another, and holds each against the first.
 *
 * @throws what the first runtime throws
 */
export async function measureParity(
  subject: ParitySubject,
  [reference, ...others]: readonly [ParityRuntime, ...ParityRuntime[]],
  { settings, share, onStart = () => {} }: ParityOptions,
): Promise<readonly ParityRow[]> {
  onStart(reference);
  const expected = await reference.measure(subject, settings);
  const rows: ParityRow[] = [makeRow(subject, { expected, found: expected }, reference.tolerance)];
  for (const runtime of others) {
    onStart(runtime);
    const own = chooseTolerance(runtime, subject);
    const tolerance = share === undefined ? own : { share, reason: 'asked for' };
    try {
      const found = await runtime.measure(subject, settings);
      rows.push(makeRow(subject, { expected, found }, tolerance));
    } catch (error) {
      rows.push(makeAbsentRow(runtime, error));
    }
  }
  return rows;
}

/** A file that computes in less than float32 is off from a reference in float64, whatever runs it. */
function chooseTolerance({ tolerance }: ParityRuntime, { precision }: ParitySubject): Tolerance {
  const coarse = COARSE[precision.compute];
  return coarse && coarse.share > tolerance.share ? coarse : tolerance;
}

const COARSE: Readonly<Partial<Record<ParitySubject['precision']['compute'], Tolerance>>> = {
  float16: { share: 1e-2, reason: 'the file computes in float16, whose numbers are 1e-3 apart' },
  int8: { share: 1e-1, reason: 'the file computes in int8, with 256 levels to a layer' },
};

function makeRow(
  { taps, model }: ParitySubject,
  { expected, found }: { readonly expected: Measurement; readonly found: Measurement },
  tolerance: Tolerance,
): MeasuredRow {
  const errors = compareTaps(taps, expected.outputs, found.outputs);
  const { output } = model.graph;
  const last = errors.find(({ name }) => name === output);
  const [scores, others] = [expected.outputs.get(output), found.outputs.get(output)];
  if (!last || !scores || !others) {
    throw new AlexNetError('PARITY', {
      message: `${found.runtime} gave no values for the output "${output}".`,
      hint: 'Please report it with the model, the versions and the machine.',
    });
  }
  return {
    state: 'ran',
    runtime: found.runtime,
    device: found.device,
    maxAbsoluteError: last.maxAbsoluteError,
    maxRelativeError: last.maxRelativeError,
    top1Agreement: compareTop1(scores, others, model.metadata.labels.length),
    milliseconds: found.milliseconds,
    taps: errors,
    tolerance,
    passed: errors.every(({ maxRelativeError }) => maxRelativeError <= tolerance.share),
  };
}

function makeAbsentRow({ title, device }: ParityRuntime, error: unknown): AbsentRow {
  const isAbsent = isAlexNetError(error) && ABSENCES.has(error.code);
  const remedy = isAlexNetError(error) ? error.hint : undefined;
  return {
    state: isAbsent ? 'not run' : 'failed',
    runtime: title,
    device,
    reason: messageOf(error),
    ...(remedy === undefined ? {} : { remedy }),
    passed: isAbsent,
  };
}
