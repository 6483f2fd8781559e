import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// `npm test` is only worth what its counting is worth: nothing that ran is nothing that passed.

const module = new URL('../scripts/count-tests.mjs', import.meta.url);

interface Report {
  readonly status: 'passed' | 'failed';
  readonly tests: readonly { readonly status: string; readonly skipReason?: string }[];
}

async function count(reports: readonly Report[], code: number): Promise<unknown> {
  const testResults = reports.map(({ status, tests }, index) => ({
    name: fileURLToPath(new URL(`../tests/${index}.test.ts`, import.meta.url)),
    status,
    assertionResults: tests.map(({ skipReason, ...rest }) => ({
      ...rest,
      fullName: 'a test',
      meta: { skipReason },
    })),
  }));
  const { countTests } = await import(module.href);
  return countTests({ testResults }, code);
}

const passed = { status: 'passed', tests: [{ status: 'passed' }] } as const;

test('counts what passed and what failed', async () => {
  const failed = { status: 'failed', tests: [{ status: 'failed' }, { status: 'passed' }] } as const;
  expect(await count([passed], 0)).toEqual({ passed: 1, failed: 0, notes: [] });
  expect(await count([passed, failed], 1)).toEqual({
    passed: 2,
    failed: 1,
    notes: ['failed: tests/1.test.ts: a test'],
  });
});

test('no test at all is a failure', async () => {
  const notes = ['failed: no test ran'];
  expect(await count([], 0)).toEqual({ passed: 0, failed: 1, notes });
  expect(await count([{ status: 'passed', tests: [] }], 0)).toEqual({
    passed: 0,
    failed: 1,
    notes,
  });
});

test('a file that cannot be loaded, or an error outside of the tests, is a failure', async () => {
  const broken = { status: 'failed', tests: [] } as const;
  expect(await count([passed, broken], 1)).toEqual({
    passed: 1,
    failed: 1,
    notes: ['failed: tests/1.test.ts'],
  });
  expect(await count([passed], 1)).toEqual({
    passed: 1,
    failed: 1,
    notes: ['failed: vitest itself'],
  });
});

test('a skipped test counts as neither, and gives its reason', async () => {
  const skipped = {
    status: 'passed',
    tests: [{ status: 'passed' }, { status: 'skipped', skipReason: 'no GPU here' }],
  } as const;
  const notes = ['skipped: a test: no GPU here'];
  expect(await count([skipped], 0)).toEqual({ passed: 1, failed: 0, notes });
});
