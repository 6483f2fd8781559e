// What a run of vitest found, from its JSON report.
import { relative } from 'node:path';
import { root } from './processes.mjs';

/**
 * @param {{ testResults: readonly object[] }} report as vitest's JSON reporter writes it
 * @param {number} code vitest's exit code
 * @returns {{ passed: number, failed: number, notes: readonly string[] }} at least one failed where
 *   no test ran; the notes name what failed, and what was skipped with its reason
 */
export function countTests({ testResults }, code) {
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((test) => ({ ...test, file: relative(root, name) })),
  );
  const passed = tests.filter(({ status }) => status === 'passed');
  const failed = tests.filter(({ status }) => status === 'failed');
  const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
  // A file that could not be loaded has no tests, and yet failed.
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const notes = [
    ...failed.map(({ file, fullName }) => `failed: ${file}: ${fullName}`),
    ...broken.map(({ name }) => `failed: ${relative(root, name)}`),
    ...skipped.map(
      ({ fullName, meta }) => `skipped: ${fullName}: ${meta?.skipReason ?? 'no reason given'}`,
    ),
  ];
  const failures = failed.length + broken.length;
  // No test at all, or an error outside of every test: something is wrong.
  const isSilent = failures === 0 && (passed.length === 0 || code !== 0);
  if (isSilent) notes.push(passed.length === 0 ? 'failed: no test ran' : 'failed: vitest itself');
  return { passed: passed.length, failed: isSilent ? 1 : failures, notes };
}
