import { expect, test } from 'vitest';
import { readDamagedFiles, readDamagedForeignFiles } from './damaged-onnx.ts';

const CASES = 600;

test(`${CASES} damaged files are read, or refused with an error of ours`, () => {
  const outcomes = readDamagedFiles(CASES);
  expect([...outcomes.keys()].sort()).toEqual(['INVALID_MODEL', 'UNSUPPORTED', 'read']);
  expect(outcomes.get('INVALID_MODEL')).toBeGreaterThan(CASES / 4);
});

test(`${CASES} damaged files of other programs are read, or refused with an error of ours`, () => {
  const outcomes = readDamagedForeignFiles(CASES);
  expect([...outcomes.keys()].sort()).toEqual(['INVALID_MODEL', 'UNSUPPORTED', 'read']);
});
