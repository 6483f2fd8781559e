import { describe, expect, test } from 'vitest';
import { AlexNetError, invariant, isAlexNetError, nameFile } from './errors.ts';

describe('AlexNetError', () => {
  test('carries code, message, hint, path and cause', () => {
    const cause = new Error('inner');
    const error = new AlexNetError('IO', { message: 'm', hint: 'h', path: ['a'], cause });
    expect(error).toMatchObject({ code: 'IO', message: 'm', hint: 'h', path: ['a'], cause });
    expect(error).toBeInstanceOf(Error);
  });

  test('is recognised across copies of the package, by its brand', () => {
    const fromAnotherCopy = Object.assign(new Error('m'), { brand: 'alexnet.error', code: 'IO' });
    expect(isAlexNetError(fromAnotherCopy)).toBe(true);
    expect(isAlexNetError(new Error('m'))).toBe(false);
    expect(isAlexNetError(null)).toBe(false);
    expect(isAlexNetError('alexnet.error')).toBe(false);
  });

  test('takes the name of a file, and keeps the rest', () => {
    const inner = new AlexNetError('INVALID_MODEL', {
      message: 'cut short.',
      hint: 'h',
      path: ['graph'],
    });
    expect(nameFile(inner, 'a.onnx')).toMatchObject({
      code: 'INVALID_MODEL',
      message: 'a.onnx: cut short.',
      hint: 'h',
      path: ['a.onnx', 'graph'],
      cause: inner,
    });
    const foreign = new Error('m');
    expect(nameFile(foreign, 'a.onnx')).toBe(foreign);
  });

  test('an invariant that breaks is INTERNAL', () => {
    expect(() => invariant(false, 'broken')).toThrowError(/broken.*bug/);
    expect(() => invariant(true, 'fine')).not.toThrow();
  });
});
