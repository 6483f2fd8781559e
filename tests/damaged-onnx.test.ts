import { expect, test } from 'vitest';
import { readDamagedFiles, readDamagedForeignFiles } from './damaged-onnx.ts';

// The first of those that damaged-onnx.parity.test.ts reads.
const CASES = 200;

test(`${CASES} damaged files are read, or refused with an error of ours`, () => {
  const outcomes = readDamagedFiles(CASES);
  expect([...outcomes.keys()].sort()).toEqual(['INVALID_MODEL', 'UNSUPPORTED', 'read']);
  expect(outcomes.get('INVALID_MODEL')).toBeGreaterThan(CASES / 4);
});

test(`${CASES} damaged files of other programs are read, or refused with an error of ours`, () => {
  const outcomes = readDamagedForeignFiles(CASES);
  expect([...outcomes.keys()].sort()).toEqual(['INVALID_MODEL', 'UNSUPPORTED', 'read']);
});
