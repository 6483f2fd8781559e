import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

// A few seeded mutations of real files in every format, at each run of the tests; `pnpm bench fuzz` does 100,000.

const SCRIPT = fileURLToPath(new URL('run.mjs', import.meta.url));
const PLANTED = fileURLToPath(new URL('planted.mjs', import.meta.url));

const CASES = 24;

interface Report {
  readonly format: string;
  readonly cases: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failures: number;
  readonly shown: readonly unknown[];
  readonly passed: boolean;
}

async function fuzz(...options: readonly string[]): Promise<readonly Report[]> {
  const args = [SCRIPT, '--json', ...options];
  const run = promisify(execFile)(process.execPath, args).catch((error: unknown) => error);
  const { stdout, stderr } = Object(await run);
  if (typeof stdout !== 'string' || stdout === '') throw new Error(String(stderr));
  return JSON.parse(stdout).reports;
}

test('damaged files of every format are read, or refused with an error of ours', {
  timeout: 60_000,
}, async () => {
  const reports = await fuzz('--cases', String(CASES));
  expect(reports.length).toBeGreaterThan(0);
  for (const { format, cases, shown, passed, outcomes } of reports) {
    expect({ format, cases, shown, passed }).toEqual({
      format,
      cases: CASES,
      shown: [],
      passed: true,
    });
    expect(outcomes.INVALID_MODEL, format).toBeGreaterThan(CASES / 4);
  }
});

describe('the fuzzer sees what it looks for', () => {
  test.each([
    { format: 'refuses', cases: 20, failures: 0, passed: true },
    { format: 'crashes', cases: 20, outcome: 'CRASH', passed: false },
    { format: 'hoards', cases: 1, failures: 1, passed: false },
    { format: 'wastes', cases: 1, failures: 0, passed: true },
    { format: 'dawdles', cases: 1, failures: 1, passed: false },
    { format: 'accepts', cases: 20, failures: 0, passed: false },
  ])('a reader that $format', { timeout: 30_000 }, async (expected) => {
    const { format, cases, failures, outcome, passed } = expected;
    const [report] = await fuzz('--table', PLANTED, '--format', format, '--cases', String(cases));
    expect(report).toMatchObject({ format, cases, passed });
    if (failures !== undefined) expect(report?.failures).toBe(failures);
    if (outcome !== undefined) expect(report?.outcomes[outcome]).toBeGreaterThan(0);
  });
});
